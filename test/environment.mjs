import { TestEnvironment } from 'jest-environment-node';

/**
 * Node, with the typed arrays of the surrounding process: those that the TensorFlow addon returns are `instanceof` the
 * ones that tests see.
 */
export default class extends TestEnvironment {
  constructor(/** @type {[any, any]} */ ...args) {
    super(...args);
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (/^(Float|Int|Uint|BigInt|BigUint).*Array$/.test(name)) this.global[name] = Reflect.get(globalThis, name);
    }
  }
}
