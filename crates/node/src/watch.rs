//! `signal` and `onProgress` of a call's options.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use napi::bindgen_prelude::{
    Env, FnArgs, Function, FunctionCallContext, FunctionRef, JsObjectValue, JsValue, Object,
    Unknown,
};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{Status, ValueType};
use prime_memory::options::unknown;
use prime_memory::{Control, Error, Progress};

use crate::convert::{self, as_object, bad_type};
use crate::errors::to_js;

/// Progress is told at most this often, and once at the end.
const TELL_EVERY: Duration = Duration::from_millis(30);

/// What `follow_signal.js` takes: the signal, and what is called when it is aborted.
type FollowSignal<'a> = FnArgs<(Object<'a>, Function<'a, (), ()>)>;

/// The `signal` and `onProgress` of a call, not yet listened to: nothing is to be undone while the
/// other arguments are still being read.
#[derive(Default)]
pub(crate) struct Follow<'env> {
    signal: Option<Object<'env>>,
    /// A function.
    progress: Option<Unknown<'env>>,
}

/// What follows a call under way: its control, and what must be undone when it settles.
pub(crate) struct Watch {
    pub(crate) control: Control,
    pub(crate) stop: Arc<AtomicBool>,
    /// Lets the signal go.
    signal: Option<FunctionRef<(), ()>>,
    thrown: Arc<Mutex<Option<napi::Error>>>,
}

impl<'env> Follow<'env> {
    /// Takes `signal` and `onProgress` out of `options`; the rest comes back for the core.
    pub(crate) fn take(
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<(Follow<'env>, Unknown<'env>)> {
        Follow::take_known(env, options, &["signal", "onProgress"])
    }

    /// As [`Follow::take`] for a call that tells no progress: `onProgress` stays in the rest, which the core refuses.
    pub(crate) fn take_signal(
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<(Follow<'env>, Unknown<'env>)> {
        Follow::take_known(env, options, &["signal"])
    }

    fn take_known(
        env: &'env Env,
        options: Unknown<'env>,
        known: &[&str],
    ) -> napi::Result<(Follow<'env>, Unknown<'env>)> {
        let mut follow = Follow::default();
        let Some(object) = convert::object(env, "options", &options)? else {
            return Ok((follow, options));
        };
        let mut rest = Object::new(env)?;
        for name in Object::keys(&object)? {
            let value: Unknown = object.get_named_property(&name)?;
            match (name.as_str(), value.get_type()?) {
                (_, ValueType::Undefined) => {}
                ("signal", _) => follow.listen_to(env, &value)?,
                ("onProgress", _) if !known.contains(&"onProgress") => {
                    rest.set_named_property(&name, true)?;
                }
                ("onProgress", ValueType::Function) => follow.progress = Some(value),
                ("onProgress", _) => {
                    let err =
                        bad_type("options.onProgress", "no function".to_owned(), "a function");
                    return Err(to_js(env, &err));
                }
                // JSON would drop the one and empty the other, and with them a misspelled name.
                (_, ValueType::Function) => return Err(misplaced(env, &name, "function", known)),
                _ if is_signal(&value)? => {
                    return Err(misplaced(env, &name, "AbortSignal", known));
                }
                _ => rest.set_named_property(&name, value)?,
            }
        }
        Ok((follow, rest.to_unknown()))
    }

    fn listen_to(&mut self, env: &Env, value: &Unknown<'env>) -> napi::Result<()> {
        if !is_signal(value)? {
            let found = "no AbortSignal".to_owned();
            return Err(to_js(env, &bad_type("options.signal", found, "an AbortSignal")));
        }
        self.signal = Some(as_object(value));
        Ok(())
    }

    /// Whether it is cancelled before it begins. Asked late: a getter among the arguments may cancel.
    pub(crate) fn is_aborted(&self) -> napi::Result<bool> {
        self.signal.map_or(Ok(false), |signal| signal.get_named_property("aborted"))
    }

    /// Begins to listen.
    pub(crate) fn start(self, env: &Env) -> napi::Result<Watch> {
        let aborted = self.is_aborted()?;
        let stop = Arc::new(AtomicBool::new(aborted));
        let control = Control::with_stop(Arc::clone(&stop));
        let mut watch = Watch { control, stop, signal: None, thrown: Arc::default() };
        if let Some(progress) = &self.progress {
            watch.report_to(progress)?;
        }
        if let Some(signal) = self.signal.filter(|_| !aborted) {
            watch.add_listener(env, signal)?;
        }
        Ok(watch)
    }
}

fn is_signal(value: &Unknown) -> napi::Result<bool> {
    if value.get_type()? != ValueType::Object {
        return Ok(false);
    }
    let signal = as_object(value);
    let add: Unknown = signal.get_named_property("addEventListener")?;
    let aborted: Unknown = signal.get_named_property("aborted")?;
    Ok(add.get_type()? == ValueType::Function && aborted.get_type()? == ValueType::Boolean)
}

/// The refusal of a function or a signal under a name that takes neither.
fn misplaced(env: &Env, name: &str, found: &str, known: &[&str]) -> napi::Error {
    let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
    let err = unknown(name, &known);
    if matches!(err, Error::UnknownOption { nearest: Some(_), .. }) {
        return to_js(env, &err);
    }
    let wanted = format!("plain JSON, only {} may be more", known.join(" and "));
    let what = format!("options.{name}");
    to_js(env, &bad_type(&what, format!("found {found}"), &wanted))
}

impl Watch {
    fn add_listener(&mut self, env: &Env, signal: Object) -> napi::Result<()> {
        let control = self.control.clone();
        let listener: Function<(), ()> =
            env.create_function_from_closure("primeMemoryAbort", move |_: FunctionCallContext| {
                control.stop();
                Ok(())
            })?;
        let follow: Function<FollowSignal, Function<(), ()>> =
            env.run_script(include_str!("follow_signal.js"))?;
        self.signal = Some(follow.call((signal, listener).into())?.create_ref()?);
        Ok(())
    }

    fn report_to(&mut self, callback: &Unknown) -> napi::Result<()> {
        // SAFETY: `Follow::take` keeps functions only.
        let callback: Function<Object, Unknown> = unsafe { callback.cast()? };
        let threadsafe = callback
            .build_threadsafe_function::<Progress>()
            .weak::<true>()
            .build_callback(|call| {
                let mut object = Object::new(&call.env)?;
                object.set_named_property("done", call.value.done as u32)?;
                object.set_named_property("total", call.value.total as u32)?;
                Ok(object)
            })?;
        let (control, thrown) = (self.control.clone(), Arc::clone(&self.thrown));
        let last = Mutex::new(None::<Instant>);
        let tell = move |progress: Progress| {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let early = last.is_some_and(|then| then.elapsed() < TELL_EVERY);
            if control.is_stopped() || early && progress.done < progress.total {
                return;
            }
            *last = Some(Instant::now());
            let (done, wait) = channel();
            let (stop, slot) = (control.clone(), Arc::clone(&thrown));
            let status = threadsafe.call_with_return_value(
                progress,
                ThreadsafeFunctionCallMode::NonBlocking,
                move |returned: napi::Result<Unknown>, _| {
                    if let Err(err) = returned {
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(err);
                        stop.stop();
                    }
                    let _ = done.send(());
                    Ok(())
                },
            );
            // The job waits for the callback, so that what it throws still stops this job; it
            // does not wait for a JavaScript thread that is going away.
            while status == Status::Ok
                && wait.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout)
                && !control.is_stopped()
            {}
        };
        self.control = self.control.clone().on_progress(tell);
        Ok(())
    }

    /// Once settled, on the JavaScript thread: the signal is let go, and what the progress callback
    /// threw takes the place of the cancellation it caused.
    pub(crate) fn settle<T>(self, env: &Env, result: prime_memory::Result<T>) -> napi::Result<T> {
        if let Some(let_go) = self.signal {
            let_go.borrow_back(env)?.call(())?;
        }
        let thrown = self.thrown.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (result, thrown) {
            (Err(Error::Aborted), Some(thrown)) => Err(thrown),
            (result, _) => result.map_err(|err| to_js(env, &err)),
        }
    }
}
