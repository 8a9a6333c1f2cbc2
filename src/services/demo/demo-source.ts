/** Of everything in a demo shop. */
export const demoSource = 'demo';
