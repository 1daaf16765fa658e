/** Keeps one copy of every name: a value's name stands at its producer and at each of its readers. */
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
