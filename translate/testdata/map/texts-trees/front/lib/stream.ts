export const stream = `ws://api:4003/stream`;
