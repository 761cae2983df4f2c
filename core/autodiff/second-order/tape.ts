import { RunError } from '../../errors/index.js';
import { tf } from '../../engine/index.js';

/*
 * Makes the tape of tfjs 4 right in second order, where it loses paths:
 *
 * - What an operation saves of its own output is recorded before the operation, so that no path leads from its inputs to
 *   the copy, and the gradient of the gradient is silently wrong (exp, tanh, softmax, max, ...). Here it comes after.
 * - What a custom gradient computes and saves is off the tape. In second order it is recorded, as in JAX.
 * - A gradient that doesn't depend on its point has gradient zero, where tfjs says that no path leads there.
 */

type Save = (tensors: tf.Tensor[]) => void;
type CustomFunction = (...inputsAndSave: (tf.Tensor | Save)[]) => { value: tf.Tensor; gradFunc: unknown };
type Inputs = Readonly<Record<string, tf.Tensor | undefined>>;

interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  gradient?: unknown;
}

/** What is used of the engine's inside. */
interface Engine {
  readonly state: {
    readonly activeTape: TapeNode[] | null;
    readonly activeScope: { readonly name: string } | null;
    readonly gradientDepth: number;
    kernelDepth: number;
  };
  runKernel(name: string, inputs: Inputs, attributes?: object): tf.Tensor;
  runKernelFunc(call: unknown): unknown;
  customGrad(f: CustomFunction): (...inputs: tf.Tensor[]) => tf.Tensor;
  gradients(
    f: () => tf.Tensor,
    points: tf.Tensor[],
    dy?: tf.Tensor,
    allowNoGradients?: boolean,
  ): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] };
}

const engine = tf.engine() as unknown as Engine;

/** Whether operations are being recorded; inside a gradient function: whether it will be differentiated itself. */
export const taped = (): boolean => engine.state.gradientDepth > 0 && engine.state.kernelDepth === 0;

/** Runs a kernel, recorded like any operation. */
export const run = (name: string, inputs: Inputs, attributes: object = {}): tf.Tensor =>
  engine.runKernel(name, inputs, attributes);

/** Kernels that are recorded as other operations; `undefined` records the kernel as it is. */
export const recordedAs = new Map<string, (inputs: Inputs, attributes: never) => tf.Tensor | undefined>();

/** Operations whose custom gradient is wrong, or refuses what its parts don't. */
const differentiatedByParts = new Set(
  ['fusedConv2d', 'fusedDepthwiseConv2d', 'fusedMatMul', 'softmaxCrossEntropy'].map((name) => `${name}__op`),
);

const patched = Symbol.for('auxflow/second-order');
if (!(patched in engine)) Object.assign(engine, { [patched]: true, ...patches() });

function patches(): Partial<Engine> {
  const stock = {
    runKernel: engine.runKernel.bind(engine),
    runKernelFunc: engine.runKernelFunc.bind(engine),
    customGrad: engine.customGrad.bind(engine),
    gradients: engine.gradients.bind(engine),
  };
  /** For each gradient being taken, the points of the gradients inside it. */
  const nested: Set<tf.Tensor>[] = [];

  return {
    runKernel: (name, inputs, attributes) =>
      (taped() ? recordedAs.get(name)?.(inputs, attributes as never) : undefined) ??
      stock.runKernel(name, inputs, attributes),

    runKernelFunc(call) {
      if (!taped()) return stock.runKernelFunc(call);
      const tape = engine.state.activeTape!;
      const start = tape.length;
      const outputs = stock.runKernelFunc(call);
      const operation = tape.pop()!;
      operation.gradient ??= () => refuse(operation.kernelName);
      tape.splice(start, 0, operation);
      return outputs;
    },

    customGrad(f) {
      const scope = engine.state.activeScope?.name ?? '';
      if (differentiatedByParts.has(scope)) return (...inputs) => f(...inputs, () => {}).value;
      return stock.customGrad((...inputsAndSave) => {
        const { state } = engine;
        if (state.gradientDepth < 2 || state.kernelDepth > 1) return f(...inputsAndSave);
        const save = inputsAndSave.pop() as Save;
        let saved: tf.Tensor[] = [];
        state.kernelDepth--;
        const { value, gradFunc } = attempt(
          () => f(...inputsAndSave, (tensors) => (saved = tensors)),
          () => state.kernelDepth++,
        );
        save(saved);
        return { value: run('Identity', { x: value }), gradFunc };
      });
    },

    gradients(f, points, dy) {
      for (const inner of nested) points.forEach((point) => inner.add(point));
      const inner = new Set<tf.Tensor>();
      let tape: readonly TapeNode[] = [];
      const recorded = (): tf.Tensor => {
        const y = f();
        tape = engine.state.activeTape!;
        return y;
      };
      nested.push(inner);
      const { value, grads } = attempt(
        () => stock.gradients(recorded, points, dy, true),
        () => nested.pop(),
      );
      const constant = (point: tf.Tensor): tf.Tensor | undefined =>
        leads(point, inner, tape) ? tf.zerosLike(point) : undefined;
      return { value, grads: grads.map((grad, i) => grad ?? constant(points[i]!)) };
    },
  };
}

function attempt<Result>(action: () => Result, always: () => void): Result {
  try {
    return action();
  } finally {
    always();
  }
}

/** Whether a path on the tape leads from `point` to one of `targets`. */
function leads(point: tf.Tensor, targets: ReadonlySet<tf.Tensor>, tape: readonly TapeNode[]): boolean {
  const reached = new Set([point]);
  for (const { inputs, outputs } of targets.size > 0 ? tape : []) {
    if (Object.values(inputs).some((input) => reached.has(input))) outputs.forEach((output) => reached.add(output));
  }
  return [...targets].some((target) => reached.has(target));
}

function refuse(kernelName: string): never {
  throw new RunError('autodiff/no-gradient', `TensorFlow.js has no gradient for the operation ${kernelName}`, {
    hint: 'write it with operations that have one, or give it one by tf.customGrad or tf.registerGradient',
  });
}
