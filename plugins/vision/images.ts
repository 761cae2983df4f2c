import { ConfigError } from '../../core/errors/index.js';
import type { Shape } from '../../core/autodiff/index.js';

/** @throws ConfigError where inputs are not images `[height, width, channels]` of at least `least` x `least`. */
export function expectImages(model: string, input: Shape, least: number): void {
  if (input.length !== 3) {
    throw ConfigError.of(
      'model/input-shape',
      ['model'],
      `${model} needs images [height, width, channels], the dataset has inputs of shape [${input.join(', ')}]`,
      'use a model for flat features, such as mlp',
    );
  }
  if (Math.min(input[0]!, input[1]!) < least) {
    throw ConfigError.of(
      'model/input-shape',
      ['model'],
      `${model} needs images of at least ${least}x${least}, the dataset has ${input[0]!}x${input[1]!}`,
      'use a smaller model, such as conv4 or mlp',
    );
  }
}
