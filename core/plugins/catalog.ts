import { PluginError } from '../errors/index.js';
import { API_VERSION, type Plugin, type StageDefinition, type StageKind } from './define-plugin.js';
import { nearest } from './nearest.js';
import { whereabouts } from './origin.js';
import { assertPlugin, stageKinds } from './plugin-shape.js';

/** A stage and the plugin that brings it. */
export interface Provided {
  readonly definition: StageDefinition;
  readonly plugin: Plugin;
}

/** Everything that pipelines can name: the stages of all loaded plugins, by kind and name. */
export class Catalog {
  private readonly stages = new Map<StageKind, Map<string, Provided>>(stageKinds.map((kind) => [kind, new Map()]));

  /**
   * @param known plugins that aren't loaded, so that an error can say which of them would provide a name.
   * @param places where plugins are listed, such as `p.yaml:4:11`.
   * @throws PluginError when the plugins contradict each other: names, `apiVersion`, `requires`, stages.
   */
  constructor(
    readonly plugins: readonly Plugin[],
    private readonly known: readonly Plugin[] = [],
    private readonly places: ReadonlyMap<Plugin, string> = new Map(),
  ) {
    const byName = new Map<string, Plugin>();
    for (const plugin of plugins) {
      assertPlugin(plugin);
      this.checkApi(plugin);
      const other = byName.get(plugin.name);
      if (other) {
        const hint = 'List it once, or rename one; built-in plugins need no listing.';
        throw this.refusal('plugin/duplicate', `Two plugins are named "${plugin.name}".`, hint, other, plugin);
      }
      byName.set(plugin.name, plugin);
    }
    for (const plugin of plugins) this.checkRequires(plugin, byName, []);
    for (const plugin of plugins) this.add(plugin);
  }

  find(kind: StageKind, name: string): Provided | undefined {
    return this.stages.get(kind)?.get(name);
  }

  /** Names of one kind, in the order of their plugins. */
  names(kind: StageKind): string[] {
    return [...this.stages.get(kind)!.keys()];
  }

  /** All stages of one kind. */
  all(kind: StageKind): Provided[] {
    return [...this.stages.get(kind)!.values()];
  }

  /** Why `find` has nothing under a name, and what could have been meant. */
  missing(kind: StageKind, name: string): { message: string; hint: string } {
    const names = this.names(kind);
    const close = nearest(name, names);
    const message = `unknown ${kind} "${name}"${close ? `; did you mean "${close}" (plugin ${this.find(kind, close)!.plugin.name})?` : ''}`;
    const provider = this.known.find(({ stages }) => stages[kind]?.some((stage) => stage.name === name));
    if (provider) return { message, hint: `Plugin "${provider.name}" would provide it: add it to "plugins".` };
    const others = stageKinds.filter((other) => this.find(other, name));
    if (others.length > 0) return { message, hint: `"${name}" is a stage of another kind: ${others.join(', ')}.` };
    const list = names.length > 0 ? `Known: ${names.join(', ')}.` : 'No loaded plugin provides a stage of this kind.';
    return { message, hint: `${list} Stages from outside need their plugin listed under "plugins".` };
  }

  /** The error for plugins, the one at fault last: where that is listed, and what files they are. */
  refusal(code: string, message: string, hint: string, ...plugins: readonly Plugin[]): PluginError {
    const place = plugins.map((plugin) => this.places.get(plugin)).findLast((listed) => listed !== undefined);
    return new PluginError(code, place === undefined ? message : `${place}: ${message}`, {
      hint: `${hint}${whereabouts(...plugins)}`,
    });
  }

  private add(plugin: Plugin): void {
    for (const kind of stageKinds) {
      const named = this.stages.get(kind)!;
      for (const definition of plugin.stages[kind] ?? []) {
        const other = named.get(definition.name)?.plugin;
        if (other) {
          const who =
            other === plugin
              ? `Plugin "${plugin.name}" provides`
              : `Plugins "${other.name}" and "${plugin.name}" both provide`;
          const message = `${who} the ${kind} "${definition.name}"${other === plugin ? ' twice' : ''}.`;
          const hint = 'Load only one of them, or rename the stage.';
          throw this.refusal('plugin/conflict', message, hint, other, plugin);
        }
        named.set(definition.name, { definition, plugin });
      }
    }
  }

  private checkApi(plugin: Plugin): void {
    const { name, apiVersion } = plugin;
    if (apiVersion === API_VERSION) return;
    const message = `Plugin "${name}" is written for API version ${apiVersion}; this auxflow has version ${API_VERSION}.`;
    const way =
      apiVersion > API_VERSION ? 'Update auxflow, or install an older version of the plugin.' : 'Update the plugin.';
    throw this.refusal('plugin/api-version', message, way, plugin);
  }

  private checkRequires(plugin: Plugin, byName: ReadonlyMap<string, Plugin>, above: readonly Plugin[]): void {
    const path = [...above, plugin];
    if (above.includes(plugin)) {
      const circle = path.slice(above.indexOf(plugin));
      const message = `Plugins require each other in a circle: ${circle.map(({ name }) => name).join(' -> ')}.`;
      throw this.refusal('plugin/circular', message, 'Move what they share into a plugin of its own.', ...circle);
    }
    for (const name of plugin.requires ?? []) {
      const required = byName.get(name);
      if (!required) {
        const close = nearest(name, byName.keys());
        const message = `Plugin "${plugin.name}" requires plugin "${name}", which isn't loaded${close ? `; did it mean "${close}"?` : '.'}`;
        throw this.refusal('plugin/missing-requirement', message, `Add "${name}" to "plugins".`, plugin);
      }
      this.checkRequires(required, byName, path);
    }
  }
}
