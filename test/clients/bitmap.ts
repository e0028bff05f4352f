/** Black and white pixels, as a camera would give them. */
export function bitmap(modules: boolean[][]) {
  const width = modules.length;
  const data = new Uint8Array(
    modules.flat().flatMap((dark) => (dark ? [0, 0, 0, 255] : [255, 255, 255, 255])),
  );
  return { width, height: width, data };
}
