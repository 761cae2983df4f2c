import { API_VERSION, definePlugin, stage } from '../../core/plugins/index.js';
import { Cifar10, Cifar10Config } from './cifar10.js';
import { Cifar100, Cifar100Config } from './cifar100.js';
import { Cinic10, Cinic10Config } from './cinic10.js';
import { Csv, CsvConfig } from './csv.js';
import { Emoji, EmojiConfig } from './emoji.js';
import { FashionMnist, FashionMnistConfig } from './fashion-mnist.js';
import { Idx, IdxConfig } from './idx.js';
import { ImageFolder, ImageFolderConfig } from './image-folder.js';
import { Mnist, MnistConfig } from './mnist.js';
import { sources } from './sources.js';
import { Svhn, SvhnConfig } from './svhn.js';
import { UsBirths, UsBirthsConfig } from './us-births.js';

/** What goes with a number to predict; the labels of an auxiliary task stay classes. */
const regression = { loss: { use: 'mean-squared-error' }, auxiliaryLoss: { use: 'cross-entropy' } };

/** Data sets: published ones by name, and any other in IDX files, image folders or tables. */
export default definePlugin({
  name: 'datasets',
  apiVersion: API_VERSION,
  data: sources,
  stages: {
    dataset: [
      stage('mnist', 'Handwritten digits; levels parity and digit', MnistConfig, Mnist),
      stage('fashion-mnist', 'Clothing; levels domain, group and article', FashionMnistConfig, FashionMnist),
      stage('cifar10', 'Photographs of 10 classes; levels kind and class', Cifar10Config, Cifar10),
      stage('cifar100', 'Photographs; levels domain, group, superclass and class', Cifar100Config, Cifar100),
      stage('svhn', 'House numbers; level digit', SvhnConfig, Svhn),
      stage('cinic10', 'CIFAR-10 with 270,000 images, as an image folder; level class', Cinic10Config, Cinic10),
      stage('emoji', 'Emoji as Google draws them; levels group and subgroup', EmojiConfig, Emoji),
      stage(
        'us-births',
        'Births on each day from 2000 to 2014, a number to predict',
        UsBirthsConfig,
        UsBirths,
        () => regression,
      ),
      stage('image-folder', 'Images in folders named like their classes', ImageFolderConfig, ImageFolder),
      stage('idx', 'Any four IDX files, gzipped or not', IdxConfig, Idx),
      stage(
        'csv',
        'Rows of numbers with label columns or a number to predict, in CSV or TSV files',
        CsvConfig,
        Csv,
        ({ target }) => (target === undefined ? {} : regression),
      ),
    ],
  },
});
