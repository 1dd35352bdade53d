const BITS = new DataView(new ArrayBuffer(4));

/** The largest 32-bit float below; of zeros the first negative one, since both zeros are equal. */
export function floatBefore(value: number): number {
  if (value === 0) return -(2 ** -149);
  BITS.setFloat32(0, value);
  BITS.setInt32(0, BITS.getInt32(0) + (value > 0 ? -1 : 1));
  return BITS.getFloat32(0);
}
