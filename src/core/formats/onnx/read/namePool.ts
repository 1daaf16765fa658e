/**
 * Keeps one copy of every name. A value's name stands at its producer and at each reader, and the protobuf decoder
 * builds strings character by character, as trees that weigh ten times as much until something flattens them.
 */
export class NamePool {
  private readonly names = new Map<string, string>();

  /** The one copy of this name. */
  one(name: string): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    this.names.set(name, name);
    return name;
  }

  all(names: readonly string[]): readonly string[] {
    return names.length === 0 ? none : names.map((name) => this.one(name));
  }
}

const none: readonly string[] = [];
