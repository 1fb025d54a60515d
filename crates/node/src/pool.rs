//! Threads of our own for asynchronous calls, one set per JavaScript thread.
//!
//! They are joined before their JavaScript environment is gone: at the process's or worker's
//! `exit` event where JavaScript still runs, else (a terminated worker) in a clean-up hook. Neither
//! libuv's pool nor a runtime that outlives the environment can promise that (napi-rs#2460, #3443).
//! Blocking calls need none of them: they work until the last `exit` listener has run (`at_exit.js`).

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use napi::bindgen_prelude::{Env, FnArgs, Function, FunctionCallContext, JsObjectValue, Object};
use prime_memory::{Error, PrimeMemory};

use crate::errors::to_js;

/// Calls under way at most. More than can encode at once, so that commits can share a sync.
const THREADS: usize = 8;

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    static POOL: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

struct Pool {
    jobs: Option<Sender<Job>>,
    queue: Arc<Mutex<Receiver<Job>>>,
    idle: Arc<AtomicUsize>,
    closing: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    stops: Vec<Weak<AtomicBool>>,
    /// How many stops may be held before those of settled calls are swept out.
    sweep_at: usize,
    memories: Memories,
}

/// Runs `job` on a thread of this JavaScript thread's pool; `stop` is set when that ends.
pub(crate) fn spawn(env: &Env, stop: &Arc<AtomicBool>, job: Job) -> napi::Result<()> {
    with_pool(env, |pool| {
        if pool.jobs.is_none() {
            // It holds what is let go on a call's way out only.
            std::mem::forget(job);
            return Err(to_js(env, &Error::Closed));
        }
        pool.hold(stop);
        pool.run(job)
    })
}

/// Where opened memories are noted, so that those never closed are stopped with this JavaScript
/// thread. Usable from the pool's threads.
pub(crate) struct Registrar(Memories);

type Memories = Arc<Mutex<Vec<Weak<PrimeMemory>>>>;

impl Registrar {
    /// The registrar of the calling JavaScript thread.
    pub(crate) fn of(env: &Env) -> napi::Result<Registrar> {
        with_pool(env, |pool| Ok(Registrar(Arc::clone(&pool.memories))))
    }

    pub(crate) fn register(&self, memory: PrimeMemory) -> Arc<PrimeMemory> {
        let memory = Arc::new(memory);
        let mut memories = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memories.retain(|memory| memory.strong_count() > 0);
        memories.push(Arc::downgrade(&memory));
        memory
    }
}

fn with_pool<T>(env: &Env, work: impl FnOnce(&mut Pool) -> napi::Result<T>) -> napi::Result<T> {
    POOL.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Some(Pool::new());
            watch_the_end(env)?;
        }
        match slot {
            Some(pool) => work(pool),
            None => Err(napi::Error::from_reason("the pool of this thread is gone")),
        }
    })
}

/// What `at_exit.js` takes: the process, and what to call when.
type AtExit<'a> = FnArgs<(Object<'a>, Function<'a, (), ()>, Function<'a, (), ()>)>;

/// Shuts the pool down with its JavaScript thread, on whichever of the two roads comes first.
fn watch_the_end(env: &Env) -> napi::Result<()> {
    env.add_env_cleanup_hook((), |()| shut_down())?;
    let process: Object = env.get_global()?.get_named_property("process")?;
    let quiet =
        env.create_function_from_closure("primeMemoryQuiet", |_: FunctionCallContext| {
            quiet();
            Ok(())
        })?;
    let end = env.create_function_from_closure("primeMemoryExit", |_: FunctionCallContext| {
        shut_down();
        Ok(())
    })?;
    let watch: Function<AtExit, ()> = env.run_script(include_str!("at_exit.js"))?;
    watch.call((process, quiet, end).into())
}

/// Ends what runs by itself; blocking calls still work.
fn quiet() {
    POOL.with_borrow_mut(|slot| {
        let Some(pool) = slot else { return };
        pool.end_calls();
        pool.open_memories().iter().for_each(|memory| memory.stop_background());
    });
}

fn shut_down() {
    let pool = POOL.with_borrow_mut(Option::take);
    drop(pool);
}

impl Pool {
    fn new() -> Pool {
        let (jobs, queue) = channel();
        Pool {
            jobs: Some(jobs),
            queue: Arc::new(Mutex::new(queue)),
            idle: Arc::default(),
            closing: Arc::default(),
            threads: Vec::new(),
            stops: Vec::new(),
            sweep_at: 64,
            memories: Arc::default(),
        }
    }

    /// Keeps a stop for the end; sweeps only when their number has doubled, so that a thousand calls in
    /// one tick stay cheap.
    fn hold(&mut self, stop: &Arc<AtomicBool>) {
        if self.stops.len() >= self.sweep_at {
            self.stops.retain(|stop| stop.strong_count() > 0);
            self.sweep_at = (self.stops.len() * 2).max(64);
        }
        self.stops.push(Arc::downgrade(stop));
    }

    fn run(&mut self, job: Job) -> napi::Result<()> {
        if self.idle.load(Ordering::Acquire) == 0 && self.threads.len() < THREADS {
            self.start_thread()?;
        }
        let jobs = self.jobs.as_ref().ok_or_else(|| napi::Error::from_reason("shutting down"))?;
        jobs.send(job).map_err(|err| napi::Error::from_reason(err.to_string()))
    }

    fn start_thread(&mut self) -> napi::Result<()> {
        let (queue, idle) = (Arc::clone(&self.queue), Arc::clone(&self.idle));
        let closing = Arc::clone(&self.closing);
        let work = move || {
            loop {
                idle.fetch_add(1, Ordering::AcqRel);
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                idle.fetch_sub(1, Ordering::AcqRel);
                match next {
                    // Queued calls of an environment that ends have nobody to answer to.
                    Ok(job) if !closing.load(Ordering::Acquire) => job(),
                    Ok(job) => std::mem::forget(job),
                    Err(_) => return,
                }
            }
        };
        let thread = std::thread::Builder::new().name("pm-call".to_owned()).spawn(work)?;
        self.threads.push(thread);
        Ok(())
    }

    /// Stops the calls under way and joins their threads; later ones are refused.
    fn end_calls(&mut self) {
        self.closing.store(true, Ordering::Release);
        self.jobs = None;
        for stop in self.stops.drain(..).filter_map(|stop| stop.upgrade()) {
            stop.store(true, Ordering::Release);
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }

    fn open_memories(&self) -> Vec<Arc<PrimeMemory>> {
        let memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        memories.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.end_calls();
        self.open_memories().iter().for_each(|memory| memory.abandon());
    }
}
