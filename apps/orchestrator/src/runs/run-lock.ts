/** Lets one task at a time work on a name; others wait in order. Facts of different runs do not wait for one another. */
export class RunLock {
  private readonly tails = new Map<string, Promise<unknown>>();

  async hold<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.tails.get(name) ?? Promise.resolve();
    const mine = before.then(task, task);
    this.tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(name) === mine) this.tails.delete(name);
    }
  }
}
