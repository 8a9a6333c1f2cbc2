import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const libraries = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];

/** Where the files of ONNX Runtime's CUDA provider belong; its package has them for Linux on x64 only, on demand. */
export function cudaProviderFiles(): string[] {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return libraries.map((file) => join(dirname(main), '../bin/napi-v6/linux/x64', file));
}

export function hasCudaProvider(): boolean {
  return (
    process.platform === 'linux' && process.arch === 'x64' && cudaProviderFiles().every((file) => existsSync(file))
  );
}
