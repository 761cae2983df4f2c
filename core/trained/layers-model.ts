import type { Layer, LayerDescription, Shape, Variables } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import { PluginError } from '../errors/index.js';
import { nearest } from '../plugins/index.js';

/** Initial values are replaced at once: these cost nothing and draw nothing at random. */
const blank = { kernelInitializer: 'zeros', depthwiseInitializer: 'zeros' };

type Symbolic = tf.SymbolicTensor;
type Described<Key extends string> = Extract<LayerDescription, Readonly<Record<Key, unknown>>>;

/**
 * A layer in its inference form as a model of TensorFlow.js's own layers, which any tfjs loads without auxflow. Layers are
 * named like the variables they hold, with `_` for `/`.
 * @param variables borrowed; their values are copied
 * @param input shape of one input, without the batch
 * @returns a model whose `dispose` frees it, owned by the caller
 * @throws PluginError for a layer that doesn't describe itself, or describes what tfjs can't build
 */
export async function layersModel(layer: Layer, variables: Variables, input: Shape): Promise<tf.LayersModel> {
  const building = new Building({ ...variables.params, ...variables.state });
  try {
    const x = tf.input({ shape: [...input], name: 'input' });
    const features = await building.apply(layer, x);
    return tf.model({ inputs: x, outputs: features, name: 'auxflow' });
  } catch (error) {
    building.abandon();
    throw error;
  }
}

/** One model on its way. */
class Building {
  private readonly made: tf.layers.Layer[] = [];
  private readonly names = new Set(['input']);
  /** The last layer with a name, for messages about one that has none. */
  private before = 'the input';

  constructor(private readonly values: Readonly<Record<string, tf.Tensor>>) {}

  abandon(): void {
    for (const layer of this.made) layer.dispose();
  }

  async apply(layer: Layer, x: Symbolic): Promise<Symbolic> {
    const description = layer.describe?.(x.shape.slice(1) as number[]);
    if (!description) {
      throw new PluginError('export/not-described', `${this.place(layer)} doesn't say what it is in terms of tfjs`, {
        hint: 'Give it `describe`, as docs/models.md shows, or export --format safetensors.',
      });
    }
    if ('chain' in description) return this.chain(description, x);
    if ('sum' in description) return this.sum(description, x);
    const made = 'model' in description ? await this.model(layer, description) : this.layer(layer, description);
    const y = this.attempt(layer, made.getClassName(), () => made.apply(x) as Symbolic);
    this.made.push(made);
    this.attempt(layer, made.getClassName(), () => this.fill(made, description));
    this.before = layer.name ?? this.before;
    return y;
  }

  private async chain({ chain }: Described<'chain'>, x: Symbolic): Promise<Symbolic> {
    let y = x;
    for (const layer of chain) y = await this.apply(layer, y);
    return y;
  }

  private async sum({ sum }: Described<'sum'>, x: Symbolic): Promise<Symbolic> {
    const terms: Symbolic[] = [];
    for (const layer of sum) terms.push(await this.apply(layer, x));
    return tf.layers.add({ name: this.nameFor('add') }).apply(terms) as Symbolic;
  }

  private layer(layer: Layer, { layer: type, config = {} }: Described<'layer'>): tf.layers.Layer {
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    const [kind, fromConfig] = classNameMap[type] ?? [];
    if (!kind || !fromConfig) {
      const near = nearest(type, Object.keys(classNameMap));
      throw new PluginError(
        'export/unknown-class',
        `${this.place(layer)} describes itself as ${type}, which tfjs has not`,
        {
          hint: `${near === undefined ? '' : `The nearest is ${near}. `}Classes are those of tf.layers.`,
        },
      );
    }
    const named = { ...blank, ...config, name: this.nameFor(layer.name ?? type.toLowerCase()) };
    return this.attempt(layer, type, () => fromConfig(kind, named as tf.serialization.ConfigDict) as tf.layers.Layer);
  }

  /** A copy, since the description's own model is only lent. */
  private async model(layer: Layer, { model }: Described<'model'>): Promise<tf.layers.Layer> {
    const modelTopology = model.toJSON(undefined, false) as tf.serialization.ConfigDict;
    const copy = await tf.models.modelFromJSON({ modelTopology });
    copy.name = this.nameFor(layer.name ?? 'model');
    return copy;
  }

  private fill(made: tf.layers.Layer, description: Described<'layer'> | Described<'model'>): void {
    const { weights = [] } = description;
    const names = Array.isArray(weights)
      ? (weights as readonly string[])
      : made.weights.map(({ originalName }) => (weights as Readonly<Record<string, string>>)[originalName]!);
    const values = names.map((name) => {
      const value = this.values[name];
      if (value) return value;
      throw new Error(`no variable is called ${name}`);
    });
    made.setWeights(values);
  }

  private attempt<T>(layer: Layer, type: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { message } = cause as Error;
      throw new PluginError('export/description', `${this.place(layer)}, described as ${type}: ${message}`, { cause });
    }
  }

  private place({ name }: Layer): string {
    return name === undefined ? `the layer after ${this.before}` : `layer ${name}`;
  }

  private nameFor(wanted: string): string {
    const base = wanted.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._-]+/, '') || 'layer';
    let name = base;
    for (let i = 2; this.names.has(name); i++) name = `${base}_${i}`;
    this.names.add(name);
    return name;
  }
}
