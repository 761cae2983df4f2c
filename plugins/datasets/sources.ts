import type { DataSources } from '../../core/plugins/index.js';

const fashion = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com';
const housenumbers = 'http://ufldl.stanford.edu/housenumbers';

/** Where Debian's package `dataset-fashion-mnist` puts its files. */
export const debianFashionMnist = '/usr/share/datasets/fashion-mnist';

/** Official addresses of the datasets that don't come from npm, with md5 where nobody states a sha256. */
export const sources = {
  'fashion-mnist': {
    description: '70,000 grey images of 10 kinds of clothing, 28x28',
    licence: 'MIT',
    home: 'https://github.com/zalandoresearch/fashion-mnist',
    elsewhere: debianFashionMnist,
    files: [
      {
        file: 'train-images-idx3-ubyte.gz',
        url: `${fashion}/train-images-idx3-ubyte.gz`,
        md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
        bytes: 26_421_880,
      },
      {
        file: 'train-labels-idx1-ubyte.gz',
        url: `${fashion}/train-labels-idx1-ubyte.gz`,
        md5: '25c81989df183df01b3e8a0aad5dffbe',
        bytes: 29_515,
      },
      {
        file: 't10k-images-idx3-ubyte.gz',
        url: `${fashion}/t10k-images-idx3-ubyte.gz`,
        md5: 'bef4ecab320f06d8554ea6380940ec79',
        bytes: 4_422_102,
      },
      {
        file: 't10k-labels-idx1-ubyte.gz',
        url: `${fashion}/t10k-labels-idx1-ubyte.gz`,
        md5: 'bb300cfdad3c16e7a12a480ee83cd310',
        bytes: 5_148,
      },
    ],
  },
  cifar10: {
    description: '60,000 colour images of 10 classes, 32x32',
    licence: 'none stated; its authors ask to be cited',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
    files: [
      {
        file: 'cifar-10-binary.tar.gz',
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        md5: 'c32a1d4ab5d03f1284b67883e8d87530',
        bytes: 170_052_171,
        unpackTo: 'cifar-10-batches-bin',
      },
    ],
  },
  cifar100: {
    description: '60,000 colour images of 100 classes in 20 superclasses, 32x32',
    licence: 'none stated; its authors ask to be cited',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
    files: [
      {
        file: 'cifar-100-binary.tar.gz',
        url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
        md5: '03b5dce01913d631647c71ecec9e9cb8',
        bytes: 168_513_733,
        unpackTo: 'cifar-100-binary',
      },
    ],
  },
  svhn: {
    description: '99,289 colour images of house numbers, 10 digits, 32x32',
    licence: 'for non-commercial use only',
    home: `${housenumbers}/`,
    files: [
      {
        file: 'train_32x32.mat',
        url: `${housenumbers}/train_32x32.mat`,
        md5: 'e26dedcc434d2e4c54c9b2d4a06d8373',
        bytes: 182_040_794,
      },
      {
        file: 'test_32x32.mat',
        url: `${housenumbers}/test_32x32.mat`,
        md5: 'eb5a983be6a315427106f1b164d9cef3',
        bytes: 64_275_384,
      },
    ],
  },
  cinic10: {
    description: '270,000 colour images of the 10 classes of CIFAR-10, 32x32, as an image folder',
    licence: 'CC BY 4.0',
    home: 'https://datashare.ed.ac.uk/handle/10283/3192',
    files: [
      {
        file: 'CINIC-10.tar.gz',
        url: 'https://datashare.ed.ac.uk/bitstream/handle/10283/3192/CINIC-10.tar.gz',
        md5: '6ee4d0c996905fe93221de577967a372',
        bytes: 687_544_992,
        unpackTo: 'CINIC-10',
      },
    ],
  },
} satisfies DataSources;
