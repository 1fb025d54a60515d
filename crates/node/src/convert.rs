//! Values across the border. JSON travels as text: V8's own `JSON` is faster than a property at a
//! time, and escapes lone surrogates so that the core can refuse them.

use napi::bindgen_prelude::{
    Env, Float32Array, Float32ArraySlice, FnArgs, Function, JsObjectValue, JsValue, Object,
    ToNapiValue, Uint8Array, Unknown,
};
use napi::{JsString, ValueType};
use prime_memory::{Error, MemoryTokens, Query, Result, TokenParts};

use crate::errors::to_js;
use crate::script::script;

/// JSON text that becomes a JavaScript value.
pub struct Json(pub(crate) String);

impl Json {
    /// The JSON of `value`; ours always serialise.
    pub(crate) fn of(value: &impl serde::Serialize) -> Result<Json> {
        serde_json::to_string(value)
            .map(Json)
            .map_err(|err| Error::Internal { reason: err.to_string() })
    }
}

impl ToNapiValue for Json {
    unsafe fn to_napi_value(
        env: napi::sys::napi_env,
        json: Self,
    ) -> napi::Result<napi::sys::napi_value> {
        let json_object: Object = Env::from_raw(env).get_global()?.get_named_property("JSON")?;
        let parse: Function<String, Unknown> = json_object.get_named_property("parse")?;
        parse.call(json.0).map(|value| value.raw())
    }
}

/// Memory tokens as a plain object with its vectors as typed arrays.
pub struct Tokens(pub(crate) MemoryTokens);

impl ToNapiValue for Tokens {
    unsafe fn to_napi_value(
        raw: napi::sys::napi_env,
        tokens: Self,
    ) -> napi::Result<napi::sys::napi_value> {
        let tokens = tokens.0;
        let env = Env::from_raw(raw);
        let mut object = Object::new(&env)?;
        object.set_named_property("count", tokens.count() as u32)?;
        object.set_named_property("dims", tokens.dims as u32)?;
        object.set_named_property("ratio", u32::from(tokens.ratio.get()))?;
        object.set_named_property("sourceTokens", tokens.source_tokens as u32)?;
        object.set_named_property("sourceBytes", tokens.source_bytes as u32)?;
        object.set_named_property("model", tokens.model)?;
        object.set_named_property("data", floats(&env, tokens.data)?)?;
        object.set_named_property("whole", floats(&env, tokens.whole)?)?;
        Ok(object.raw())
    }
}

/// Bytes from which a vector is handed over without a copy.
const HAND_OVER: usize = 1 << 20;

/// A typed array. Large ones take our memory over; V8 frees that only once the event loop turns, so
/// that a loop of blocking calls would pile small ones up: those are copied into V8's own memory.
fn floats(env: &Env, vector: Vec<f32>) -> napi::Result<Unknown<'_>> {
    if size_of_val(vector.as_slice()) >= HAND_OVER {
        return Float32Array::new(vector).into_unknown(env);
    }
    Float32ArraySlice::copy_from(env, &vector)?.into_unknown(env)
}

/// A string, refused when it is none or holds lone surrogates.
pub(crate) fn text(env: &Env, what: &'static str, value: Unknown) -> napi::Result<String> {
    if value.get_type()? != ValueType::String {
        let found = format!("found {}", type_name(&value)?);
        return Err(to_js(env, &bad_type(what, found, "a string")));
    }
    // SAFETY: the type was checked on the line above.
    let string: JsString = unsafe { value.cast()? };
    let length = string.utf16_len()?;
    let units = string.into_utf16()?;
    // napi's slice ends with a NUL of its own.
    String::from_utf16(&units.as_slice()[..length]).map_err(|_| {
        let found = "holds a lone surrogate, half of a character".to_owned();
        to_js(env, &Error::BadText { what: what.to_owned(), found })
    })
}

/// The JSON text of a value; of `{}` when it is undefined.
pub(crate) fn json(env: &Env, what: &'static str, value: Unknown) -> napi::Result<String> {
    match value.get_type()? {
        ValueType::Undefined => return Ok("{}".to_owned()),
        ValueType::Function | ValueType::Symbol => {
            let found = format!("found {}", type_name(&value)?);
            return Err(to_js(env, &bad_type(what, found, "a plain object")));
        }
        _ => {}
    }
    let stringify: Function<FnArgs<(Unknown, &str)>, JsString> =
        script(env, "stringify", include_str!("stringify.js"))?;
    let written = stringify.call((value, what).into())?.into_utf8()?.into_owned()?;
    // What is only put into words may hold what says nothing.
    if what != "described" {
        refuse_unsaid(env, what, value, &written, false)?;
    }
    Ok(written)
}

/// As [`json`] for a value without `data`, faster: what may hide a number that is not finite, a null,
/// is looked at more closely.
pub(crate) fn quick_json(env: &Env, what: &'static str, value: Unknown) -> napi::Result<String> {
    if !matches!(value.get_type()?, ValueType::Object | ValueType::String) {
        return json(env, what, value);
    }
    let json_object: Object = env.get_global()?.get_named_property("JSON")?;
    let stringify: Function<Unknown, Unknown> = json_object.get_named_property("stringify")?;
    // What it throws is said there with what to do.
    let Ok(written) = stringify.call(value) else { return json(env, what, value) };
    // An object may say that it is nothing.
    if written.get_type()? != ValueType::String {
        return json(env, what, value);
    }
    // SAFETY: the type was checked on the lines above.
    let written: JsString = unsafe { written.cast()? };
    let written = written.into_utf8()?.into_owned()?;
    if written.contains("null") {
        return json(env, what, value);
    }
    refuse_unsaid(env, what, value, &written, false)?;
    Ok(written)
}

/// The JSON text of a project's state: as given in a string or in bytes, else what V8 writes. Its
/// numbers that JSON cannot say become null, as JSON's own rules have it.
pub(crate) fn state(env: &Env, value: Unknown) -> napi::Result<String> {
    const WANTED: &str = "the state as an object, or its JSON text as a string or Uint8Array";
    match value.get_type()? {
        ValueType::String => state_text(env, value),
        ValueType::Object if value.is_typedarray()? => {
            // SAFETY: it is a typed array; `Uint8Array` checks for the right kind of one itself.
            let bytes: Option<Uint8Array> = unsafe { value.cast() }.ok();
            let bytes = bytes.ok_or_else(|| {
                to_js(env, &bad_type("state", "found another typed array".to_owned(), WANTED))
            })?;
            String::from_utf8(bytes.to_vec()).map_err(|err| {
                let at = err.utf8_error().valid_up_to();
                let found = format!("is no UTF-8 from byte {at} on");
                to_js(env, &Error::BadText { what: "state".to_owned(), found })
            })
        }
        ValueType::Object if !value.is_array()? => {
            let json_object: Object = env.get_global()?.get_named_property("JSON")?;
            let stringify: Function<Unknown, Unknown> =
                json_object.get_named_property("stringify")?;
            // What it throws (a cycle, a BigInt) says what it is; ours says what to do.
            let written = stringify.call(value).map_err(|err| {
                let found = err.reason.lines().next().unwrap_or("it has no JSON").to_owned();
                let wanted = if found.contains("call stack") {
                    "an object of at most 100 levels of nesting"
                } else {
                    "an object without cycles and BigInts"
                };
                to_js(env, &bad_type("state", found, wanted))
            })?;
            if written.get_type()? != ValueType::String {
                let found = "its toJSON says that it is nothing".to_owned();
                return Err(to_js(env, &bad_type("state", found, WANTED)));
            }
            // SAFETY: the type was checked on the lines above.
            let written: JsString = unsafe { written.cast()? };
            let written = written.into_utf8()?.into_owned()?;
            refuse_unsaid(env, "state", value, &written, true)?;
            Ok(written)
        }
        _ => {
            let found = format!("found {}", type_name(&value)?);
            Err(to_js(env, &bad_type("state", found, WANTED)))
        }
    }
}

/// Refuses a value that holds what would come back as something else: what is written as `{}`, and
/// where `numbers_too`, samples, which are written as an object of numbers. Only where one of the two
/// was written is it looked for.
fn refuse_unsaid(
    env: &Env,
    what: &str,
    value: Unknown,
    written: &str,
    numbers_too: bool,
) -> napi::Result<()> {
    if !(written.contains("{}") || numbers_too && written.contains("{\"0\":")) {
        return Ok(());
    }
    let find: Function<FnArgs<(Unknown, &str, bool)>, String> =
        script(env, "unsaid", include_str!("unsaid.js"))?;
    let found = find.call((value, what, numbers_too).into())?;
    let Some((kind, place)) = found.split_once('\n') else { return Ok(()) };
    let form = if kind.ends_with("Array") { "an object of numbers" } else { "{}" };
    let wanted = if kind.ends_with("Array") || matches!(kind, "ArrayBuffer" | "DataView") {
        "its bytes as base64 (audio in channelData), or its numbers as a list: Array.from(…)"
    } else {
        "what it holds as plain objects and lists"
    };
    let found = format!("found {kind}, which JSON writes as {form}");
    Err(to_js(env, &bad_type(place, found, wanted)))
}

/// A string, which may be long: it is looked at as UTF-16 only where a lone surrogate may have been
/// replaced.
fn state_text(env: &Env, value: Unknown) -> napi::Result<String> {
    // SAFETY: the caller has checked the type.
    let string: JsString = unsafe { value.cast()? };
    let utf8 = string.into_utf8()?.into_owned()?;
    if utf8.contains(char::REPLACEMENT_CHARACTER) { text(env, "state", value) } else { Ok(utf8) }
}

/// The query that `tokens` stand for, as `compress` returned them.
pub(crate) fn tokens_query(env: &Env, tokens: &Object) -> napi::Result<Query> {
    const WANTED: &str = "tokens as compress() returned them";
    let model: Unknown = tokens.get_named_property("model")?;
    let whole = floats_of(&tokens.get_named_property("whole")?)?;
    let (Floats::Given(floats), ValueType::String) = (whole, model.get_type()?) else {
        let found = "no Float32Array \"whole\" with the name of its \"model\"".to_owned();
        return Err(to_js(env, &bad_type("query.tokens", found, WANTED)));
    };
    let number = |name: &str| -> napi::Result<Option<f64>> {
        let value: Unknown = tokens.get_named_property(name)?;
        match value.get_type()? {
            ValueType::Undefined => Ok(None),
            ValueType::Number => value.coerce_to_number()?.get_double().map(Some),
            _ => Ok(Some(f64::NAN)),
        }
    };
    let (dims, count) = (number("dims")?, number("count")?);
    let data = match floats_of(&tokens.get_named_property("data")?)? {
        Floats::Missing => None,
        Floats::Given(data) => Some(data),
        Floats::Other => {
            let found = "\"data\" is no Float32Array".to_owned();
            return Err(to_js(env, &bad_type("query.tokens", found, WANTED)));
        }
    };
    let model = text(env, "query.tokens.model", model)?;
    let parts = TokenParts { dims, count, data: data.as_deref() };
    Query::from_tokens(floats.to_vec(), model, parts).map_err(|err| to_js(env, &err))
}

/// What stands where numbers are expected.
enum Floats {
    Missing,
    Other,
    Given(Float32Array),
}

fn floats_of(value: &Unknown) -> napi::Result<Floats> {
    if value.get_type()? == ValueType::Undefined {
        return Ok(Floats::Missing);
    }
    if value.get_type()? != ValueType::Object || !value.is_typedarray()? {
        return Ok(Floats::Other);
    }
    // SAFETY: it is a typed array; `Float32Array` checks for the right kind of one itself.
    Ok(unsafe { value.cast() }.map_or(Floats::Other, Floats::Given))
}

/// `value` when it is an object, none when it is undefined.
pub(crate) fn object<'env>(
    env: &Env,
    what: &'static str,
    value: &Unknown<'env>,
) -> napi::Result<Option<Object<'env>>> {
    match value.get_type()? {
        ValueType::Undefined => Ok(None),
        ValueType::Object if !value.is_array()? => {
            let object = as_object(value);
            // A Map would be taken for no options at all.
            if Object::keys(&object)?.is_empty() {
                refuse_unsaid(env, what, *value, "{}", false)?;
            }
            Ok(Some(object))
        }
        _ => {
            let found = format!("found {}", type_name(value)?);
            Err(to_js(env, &bad_type(what, found, "an object")))
        }
    }
}

/// True or false.
pub(crate) fn flag(env: &Env, what: &'static str, value: &Unknown) -> napi::Result<bool> {
    if value.get_type()? != ValueType::Boolean {
        let found = format!("found {}", type_name(value)?);
        return Err(to_js(env, &bad_type(what, found, "true or false")));
    }
    value.coerce_to_bool()
}

/// Whether a value was given.
pub(crate) fn is_given(value: &Unknown) -> napi::Result<bool> {
    Ok(!matches!(value.get_type()?, ValueType::Undefined | ValueType::Null))
}

/// Looks at a function or object as an object.
pub(crate) fn as_object<'env>(value: &impl JsValue<'env>) -> Object<'env> {
    Object::from_raw(value.value().env, value.raw())
}

pub(crate) fn is_symbol(value: &Unknown) -> napi::Result<bool> {
    Ok(value.get_type()? == ValueType::Symbol)
}

pub(crate) fn bad_type(what: &str, found: String, wanted: &str) -> Error {
    Error::BadOption { what: what.to_owned(), found, advice: format!("give {wanted}") }
}

fn type_name(value: &Unknown) -> napi::Result<String> {
    if value.is_array()? {
        return Ok("a list".to_owned());
    }
    Ok(format!("{:?}", value.get_type()?).to_lowercase())
}
