import { injectable } from 'inversify';
import { z } from 'zod';
import { activation, chain, dense, flatten } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';
import { definePlugin, stage } from '../../core/plugins/index.js';
import type { Model } from '../../core/stages/index.js';

/** A network without kinks, on which finite differences are near the truth. */
@injectable()
class Smooth implements Model {
  trunk(): Layer {
    return chain(flatten(), dense('trunk/dense', { units: 8 }), activation('tanh'));
  }
  head(name: string, _: unknown, outputs: number): Layer {
    return dense(`${name}/logits`, { units: outputs });
  }
}

export const smooth = definePlugin({
  name: 'smooth',
  apiVersion: 1,
  stages: { model: [stage('smooth', 'one hidden layer of tanh', z.strictObject({}), Smooth)] },
});
