/** transformers.js on our own model file and tokenizer, in the folder layout it wants. */
import { copyFileSync, existsSync, linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DATA } from '../node/corpus.mjs'
import { MODEL } from '../node/model.mjs'

const FOLDER = join(DATA, 'transformers')
const NAME = 'minilm'

/** What a BERT of this size says of itself: transformers.js reads no more than the type. */
const CONFIG = { model_type: 'bert', architectures: ['BertModel'], hidden_size: 384, num_hidden_layers: 6, num_attention_heads: 12, intermediate_size: 1536, vocab_size: 30522, max_position_embeddings: 512 }
const TOKENIZER = { tokenizer_class: 'BertTokenizer', do_lower_case: true, model_max_length: 512, cls_token: '[CLS]', sep_token: '[SEP]', pad_token: '[PAD]', unk_token: '[UNK]', mask_token: '[MASK]' }

/** @typedef {(texts: string | string[]) => Promise<{ data: Float32Array, dims: number[] }>} Embed mean vectors of length 1 */

/** @param {number} threads of one run @returns {Promise<Embed>} */
export async function openTransformers(threads) {
  layOut()
  const { env, pipeline } = await import('@huggingface/transformers')
  env.allowRemoteModels = false
  env.localModelPath = FOLDER
  const session = { intraOpNumThreads: threads, interOpNumThreads: 1, extra: { session: { intra_op: { allow_spinning: '0' } } } }
  const extract = await pipeline('feature-extraction', NAME, { dtype: 'q8', device: 'cpu', session_options: session })
  return /** @type {Embed} */ ((texts) => extract(texts, { pooling: 'mean', normalize: true }))
}

function layOut() {
  const place = join(FOLDER, NAME)
  mkdirSync(join(place, 'onnx'), { recursive: true })
  put(join(MODEL, 'model.onnx'), join(place, 'onnx/model_quantized.onnx'))
  put(join(MODEL, 'tokenizer.json'), join(place, 'tokenizer.json'))
  writeFileSync(join(place, 'config.json'), JSON.stringify(CONFIG))
  writeFileSync(join(place, 'tokenizer_config.json'), JSON.stringify(TOKENIZER))
}

/** A hard link: always the same bytes. @param {string} from @param {string} to */
function put(from, to) {
  if (existsSync(to)) return
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}
