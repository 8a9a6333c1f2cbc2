#!/usr/bin/env bash
# Builds the native addon of @tensorflow/tfjs-node (or tfjs-node-gpu) against the TensorFlow of a Python wheel, for
# machines whose network does not reach the archive that the package's own install script downloads. Linux.
#
#   npm install --no-save --ignore-scripts @tensorflow/tfjs-node@4.22.0
#   pip download --no-deps tensorflow-cpu && unzip tensorflow_cpu-*.whl 'tensorflow/libtensorflow*' 'tensorflow/include/*' -d wheel
#   scripts/tensorflow-native.sh wheel/tensorflow [tfjs-node | tfjs-node-gpu]
#
# Needs a C++ compiler, make and Python 3. The wheel's folder must stay where it is: it is linked, not copied.
set -euo pipefail
wheel=$(realpath "$1")
cd "$(dirname "$0")/.."
# The Node that npm scripts run on.
export PATH="$PWD/node_modules/.bin:$PATH"

package=node_modules/@tensorflow/${2:-tfjs-node}
napi=$(node -p process.versions.napi)

mkdir -p "$package/deps/lib"
ln -sfn "$wheel/include" "$package/deps/include"
for library in libtensorflow_cc.so.2 libtensorflow_framework.so.2; do
  ln -sf "$wheel/$library" "$package/deps/lib/$library"
done
# The names that binding.gyp links to.
ln -sf libtensorflow_cc.so.2 "$package/deps/lib/libtensorflow.so"
ln -sf libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"

# Its headers, from the package that its binary comes in.
headers=$(mktemp -d)
trap 'rm -rf "$headers"' EXIT
node_package=node-linux-$(node -p process.arch)
npm install --prefix "$headers" --no-audit --no-fund "$node_package@$(node -p process.versions.node)" >"$headers/log"

gyp=$(dirname "$(realpath "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js
absolute=$(realpath "$package")
# The addon loads the version of Node-API that the package declares, at most 8.
level=$((napi < 8 ? napi : 8))
(cd "$package" && node "$gyp" rebuild --nodedir="$headers/node_modules/$node_package" --module_name=tfjs_binding \
  --module_path="$absolute/lib/napi-v$level" --napi_build_version="$level" --module_root_dir="$absolute")
echo "Built $package/lib/napi-v$level/tfjs_binding.node"
