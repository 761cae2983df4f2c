import { tf } from '../../core/engine/index.js';
import { temporaryFolder } from '../datasets/folder.js';
import { checkBuiltIn } from './built-in.js';

const { path: folder } = temporaryFolder();
const network = tf.sequential({
  layers: [
    tf.layers.conv2d({ filters: 2, kernelSize: 3, strides: 2, activation: 'tanh', inputShape: [12, 12, 1] }),
    tf.layers.flatten(),
  ],
});
await network.save(`file://${folder}`);
network.dispose();

/** Images of the least size that five pools leave something of. */
const dataset = { use: 'testing-samples', train: 12, validation: 6, heldOut: 6, batch: 6, shape: [32, 32, 1] };

checkBuiltIn('model', {
  conv4: [{ keys: { channels: 2, hidden: 3 }, refuses: [{ channels: 0 }] }],
  vgg16: [{ keys: { widths: [1, 2, 2, 2, 2] }, pipeline: { dataset }, runs: false }],
  resnet32: [{ keys: { depth: 20, widthMultiplier: 0.1 }, refuses: [{ depth: 21 }], runs: false }],
  mlp: [{ keys: { hidden: [5, 4], batchNorm: true, dropout: 0.3 }, refuses: [{ hidden: [0] }, { dropout: 1 }] }],
  'layers-model': [{ keys: { path: `${folder}/model.json`, hidden: 3 }, refuses: [{ frozen: 3 }], runs: false }],
});
