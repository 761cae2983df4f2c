import { decide } from './decide.js';
import type { VerbWords } from './words.js';

/** A script that completes the command line in bash 3.2 and newer; what it doesn't know is left to readline: files. */
export const bash = (verbs: readonly VerbWords[]): string => `# Completes auxflow in bash.
_auxflow() {
  local line=\${COMP_LINE:0:COMP_POINT} verb='' previous current kind=words prefix='' word i
  local -a words=() candidates=()
  COMPREPLY=()
  # Bash takes words apart at "=", and this doesn't.
  IFS=$' \\t' read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=\${words[\${#words[@]} - 1]}
  previous=\${words[\${#words[@]} - 2]}
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    current=\${current#*=}
  fi
${decide(verbs, ['1', '${#words[@]} - 1'])}
  case $kind in
    run) for word in runs/*/*/; do [[ -d $word && $word != *' '* ]] && word=\${word#runs/} && candidates+=("\${word%/}"); done ;;
    list) prefix=\${current%"\${current##*,}"} ;;
  esac
  for word in \${candidates[@]+"\${candidates[@]}"}; do
    word=$prefix$word
    [[ $word == "$current"* ]] || continue
    # Readline replaces what comes after the last "=".
    if [[ $COMP_WORDBREAKS == *=* && $current == *=* ]]; then word=\${word#"\${current%"\${current##*=}"}"}; fi
    COMPREPLY+=("$word")
  done
}
complete -o bashdefault -o default -F _auxflow auxflow
`;
