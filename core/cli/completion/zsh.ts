import { decide } from './decide.js';
import type { VerbWords } from './words.js';

/** A script that completes the command line in zsh: sourced after `compinit`, or a file `_auxflow` in `$fpath`. */
export const zsh = (verbs: readonly VerbWords[]): string => `#compdef auxflow
# Completes auxflow in zsh.
_auxflow() {
  local verb='' previous=\${words[CURRENT - 1]} current=\${words[CURRENT]} kind=words i
  local -a candidates runs
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    current=\${current#*=}
    compset -p $((\${#previous} + 1))
  fi
${decide(verbs, ['2', 'CURRENT'])}
  case $kind in
    file) _files ;;
    run)
      runs=(runs/*/*(N/))
      candidates+=(\${runs#runs/})
      compadd -a candidates
      _files -/ ;;
    list)
      compset -P '*,'
      compadd -qS , -a candidates ;;
    words) compadd -a candidates ;;
  esac
}
compdef _auxflow auxflow
# As a file in $fpath, this is the function itself when it is first asked for.
[[ \${funcstack[1]} == _auxflow ]] && _auxflow "$@"
`;
