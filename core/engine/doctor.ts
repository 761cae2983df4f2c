import { addonFolder } from './addon-folder.js';
import { engineInfo, type EngineInfo } from './engine-info.js';
import { fastestKernels } from './own-kernels.js';
import { selfTest, type SelfTestCheck } from './self-test.js';

/** What this machine computes with, and whether it computes right. */
export interface DoctorReport {
  readonly healthy: boolean;
  readonly engine: EngineInfo;
  readonly checks: readonly SelfTestCheck[];
}

/** Examines the engine; takes well under a second. (Where the engine is missing, importing it has thrown already.) */
export function doctor(): DoctorReport {
  const checks = selfTest();
  return { healthy: checks.every(({ passed }) => passed), engine: engineInfo(), checks };
}

/** The report for people. */
export function formatDoctor({ healthy, engine, checks }: DoctorReport): string {
  const row = (name: string, value: string | number) => `${name.padEnd(18)} ${value}`;
  return [
    row('Node', engine.node),
    row('platform', engine.platform),
    row('TensorFlow', `${engine.tensorflow} (backend ${engine.backend}, ${engine.threads} threads)`),
    row('TensorFlow.js', engine.tfjs),
    row('oneDNN', engine.oneDnn ? 'on' : 'off'),
    row('own kernels', engine.ownKernels === 'none' ? `none${wayBack(engine)}` : engine.ownKernels),
    row('processor', [engine.processor.model, ...(engine.processor.vectors ?? [])].join(' ')),
    ...checks.map(({ name, passed, error, tolerance }) =>
      row(name, passed ? 'right' : `wrong: off by ${error}, allowed ${tolerance}`),
    ),
    healthy ? 'Everything is in order.' : 'The engine computes wrongly: set it up again, or report this output.',
  ].join('\n');
}

/** Where the set-up should have made kernels. */
function wayBack({ processor: { vectors = [] } }: EngineInfo): string {
  const possible =
    process.platform === 'linux' && process.arch === 'x64' && fastestKernels(vectors, () => true) !== 'none';
  return possible
    ? `, though this processor runs them: unset AUXFLOW_KERNELS, or remove ${addonFolder} and set up again`
    : '';
}
