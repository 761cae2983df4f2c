import { attribute, nativeOp, tf } from '../../engine/index.js';
import { run } from './tape.js';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

for (const kernelName of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
  const gradient = `${kernelName}Grad`;

  /** As in tfjs, which forgets the half-pixel centres. */
  tf.unregisterKernel(gradient, 'tensorflow');
  tf.registerKernel({
    kernelName: gradient,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => {
      const { alignCorners, halfPixelCenters } = attrs as unknown as ResizeAttributes;
      const images = inputs['images'] as tf.Tensor4D;
      using size = tf.tensor1d(images.shape.slice(1, 3), 'int32');
      return nativeOp(gradient, [inputs['dy'] as tf.Tensor, kernelName === 'ResizeBilinear' ? images : size], {
        T: attribute.float32(),
        align_corners: attribute.bool(alignCorners),
        half_pixel_centers: attribute.bool(halfPixelCenters),
      })[0]!;
    },
  });

  tf.registerGradient({
    kernelName: gradient,
    inputsToSave: ['images'],
    gradFunc: (tangent, saved, attributes) => ({
      dy: () => run(kernelName, { images: tangent as tf.Tensor }, attributes),
      images: () => tf.zerosLike(saved[0]!),
    }),
  });
}
