/** Where the encoder's package lies. Apart from `bare.mjs`: the peers bring an ONNX Runtime of their own. */
import { fileURLToPath } from 'node:url'

export const MODEL = fileURLToPath(new URL('../../npm/model-minilm-l6/', import.meta.url))
