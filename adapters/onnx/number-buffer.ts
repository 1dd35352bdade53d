/** Numbers that come one by one; a plain array of them would keep the garbage collector busy in a cold start. */
export class NumberBuffer {
  values = new Float64Array(64);
  count = 0;

  /** Makes room for as many again. */
  grow(): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(this.values.length * 2);
    larger.set(this.values);
    this.values = larger;
    return larger;
  }

  toArray(): Float64Array {
    return this.values.subarray(0, this.count);
  }
}
