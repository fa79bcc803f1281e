/** Elements of float32 of the two models: 4 KB, and a picture of 3 × 224 × 224, 602 KB. */
export const sizes = { small: 1024, big: 150_528 } as const
export type Size = keyof typeof sizes
