//! The one error type: what was found, what was expected, what to do, and a stable code.

use std::path::PathBuf;

/// The result of every fallible call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong. Match on the variant, or on [`Error::code`] across a language
/// border; the wording may change, the codes do not. They are listed in `docs/errors.md`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text to remember or to look for is empty or only white space.
    #[error("{what} is empty; give at least one visible character")]
    EmptyText {
        /// Which argument.
        what: &'static str,
    },
    /// The text is not well-formed Unicode, or holds a NUL character.
    #[error("{what} {found}; remove it, memories keep well-formed text only")]
    BadText {
        /// Which argument.
        what: String,
        /// What was found in it, and where.
        found: String,
    },
    /// The state is longer than one version may be.
    #[error(
        "{what} has {found} bytes, one version holds at most {limit}; keep large parts as files and name them in it"
    )]
    StateTooLong {
        /// Which part.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// The text is longer than one memory may be.
    #[error("{what} has {found} {unit}, one memory holds at most {limit}; split it into several")]
    TooLong {
        /// Which argument.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Bytes or memory tokens.
        unit: &'static str,
        /// The most that fits.
        limit: usize,
    },
    /// The ratio is no whole number from 1 to 256.
    #[error("ratio {given} is not possible; give a whole number of text tokens from 1 to 256")]
    BadRatio {
        /// The ratio as given.
        given: String,
    },
    /// A vector holds NaN or infinity, has no direction, or has the wrong number of numbers.
    #[error("{what} {found}; {advice}")]
    BadVector {
        /// Which vector.
        what: &'static str,
        /// What is wrong with it.
        found: String,
        /// What to do.
        advice: &'static str,
    },
    /// Vectors of another length than this memory's model gives.
    #[error(
        "the model \"{model}\" of this memory has {expected} dims, the vector given has {found}; compress with the same model"
    )]
    DimsMismatch {
        /// The model of the memory.
        model: String,
        /// Its dims.
        expected: usize,
        /// The dims of what was given.
        found: usize,
    },
    /// An option that does not exist, most often a misspelling.
    #[error("unknown option \"{name}\"{}; known here: {}", nearest.as_ref().map(|n| format!(", did you mean \"{n}\"?")).unwrap_or_default(), if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    UnknownOption {
        /// The name as given.
        name: String,
        /// The nearest right name, when one is near.
        nearest: Option<String>,
        /// Every name that is allowed there.
        known: Vec<String>,
    },
    /// An option or argument with a value of the wrong type or out of range.
    #[error("{what}: {found}; {advice}")]
    BadOption {
        /// Which option.
        what: String,
        /// What was found.
        found: String,
        /// What to do.
        advice: String,
    },
    /// A filter names a kind that no memory of this store has.
    #[error("no memory here has the kind \"{kind}\"{}; kinds here: {}", nearest.as_ref().map(|n| format!(", did you mean \"{n}\"?")).unwrap_or_default(), if known.is_empty() { "none yet".to_owned() } else { known.join(", ") })]
    UnknownKind {
        /// The kind as given.
        kind: String,
        /// The nearest kind there is.
        nearest: Option<String>,
        /// The kinds there are.
        known: Vec<String>,
    },
    /// No memory with this id in this scope.
    #[error(
        "no memory with the id \"{id}\" in this scope; list ids with search(), or give the scope it was stored in"
    )]
    NotFound {
        /// The id as given.
        id: String,
    },
    /// A call needs a text that a tier policy dropped.
    #[error("{what}: {found}; {advice}")]
    TextGone {
        /// Which memory, or which memories.
        what: String,
        /// What is gone.
        found: String,
        /// What to do.
        advice: String,
    },
    /// No cached answer with this id.
    #[error(
        "no cached answer with the id \"{id}\"; it was forgotten, evicted, expired or replaced by a newer one"
    )]
    AnswerNotFound {
        /// The id as given.
        id: String,
    },
    /// No version of a project with this id.
    #[error(
        "no snapshot with the id \"{id}\" in this scope; list ids with history(), or give the scope it was saved in"
    )]
    SnapshotNotFound {
        /// The id as given.
        id: String,
    },
    /// A version of a project is not as it was saved.
    #[error(
        "the snapshot \"{id}\" is damaged: {reason}; it is not given back. verify() lists all that are, other versions of the project may be whole"
    )]
    SnapshotDamaged {
        /// Its id.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// Recall is asked about a fact that it does not know.
    #[error("nothing is known of \"{fact}\" in this scope{}; facts() lists what is known", nearest.as_ref().map(|n| format!(", did you mean \"{n}\"?")).unwrap_or_default())]
    UnknownFact {
        /// The fact as it was asked for.
        fact: String,
        /// The nearest key there is.
        nearest: Option<String>,
    },
    /// No model package at the path.
    #[error("no model package in {}: {reason}; give the folder that holds model.json, or install {package}", path.display())]
    ModelNotFound {
        /// The folder looked into.
        path: PathBuf,
        /// What is missing.
        reason: String,
        /// The package that would do.
        package: String,
    },
    /// A file of the model package is not the one its `model.json` describes.
    #[error("{} is damaged: {reason}; install the model package again", file.display())]
    ModelCorrupt {
        /// The file.
        file: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The store was filled with another model.
    #[error(
        "this store was filled with the model \"{stored}\", it is opened with \"{given}\"; open it with the first, or call reindex() to re-encode everything from its text"
    )]
    ModelMismatch {
        /// Name and fingerprint of the model of the vectors in the store.
        stored: String,
        /// Name and fingerprint of the model given.
        given: String,
    },
    /// The store holds vectors of two models: a re-encoding has begun and is not through.
    #[error(
        "this store holds vectors of the model \"{stored}\" and, until reindex() is through, of \"{target}\"; if it was interrupted, open the store with modelMismatch: 'open' and call reindex() again, with either model"
    )]
    HalfReencoded {
        /// Name and fingerprint of the model that the store was filled with.
        stored: String,
        /// Name and fingerprint of the model that it is re-encoded with.
        target: String,
    },
    /// ONNX Runtime is nowhere to be found.
    #[error("ONNX Runtime was not found; tried: {}; run `npm install --ignore-scripts onnxruntime-node@1.24.1`, or set ORT_DYLIB_PATH to the library file", tried.join(", "))]
    RuntimeNotFound {
        /// Every path tried, in order.
        tried: Vec<String>,
    },
    /// A library was found but cannot be used.
    #[error("{} cannot be used as ONNX Runtime: {reason}; version 1.24 or newer is needed", path.display())]
    RuntimeInvalid {
        /// The library.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The model ran into an error.
    #[error(
        "the model failed while encoding: {reason}; nothing was stored, check the model package"
    )]
    Inference {
        /// ONNX Runtime's or the tokenizer's own words.
        reason: String,
    },
    /// The path cannot be a store.
    #[error("{} cannot be opened as a store: {reason}; give the path of a file, its folder must exist", path.display())]
    BadPath {
        /// The path.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file, or its folder, cannot be written.
    #[error("{} is read-only; give write permission on the file and its folder, or copy it elsewhere", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file is somebody else's: not SQLite, or a database of another program.
    #[error("{} is not a prime-memory store: {reason}; choose another path, the file was left untouched", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// The store was written by a newer version.
    #[error("{} has format {found}, this version reads up to {known}; update @mixxclub/prime-memory", path.display())]
    StoreTooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// SQLite found the file damaged, or a stored value does not decode.
    #[error(
        "the store is damaged: {reason}; run verify() for the list, repair() for what can be mended, or restore a backup"
    )]
    StoreCorrupt {
        /// What is damaged.
        reason: String,
    },
    /// A store so damaged that it does not open.
    #[error("{} is damaged and cannot be opened: {reason}; restore a backup, the file was left in place", path.display())]
    StoreUnreadable {
        /// The file.
        path: PathBuf,
        /// What is damaged.
        reason: String,
    },
    /// Another process held the write lock for too long.
    #[error(
        "the store is locked by another process since {waited_ms} ms; try again, nothing was written"
    )]
    Busy {
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The disk, or a quota, is full.
    #[error("no room left to write {}; free some space and try again, what was acknowledged before is safe", path.display())]
    DiskFull {
        /// The file that could not grow.
        path: PathBuf,
    },
    /// The operating system refused a file operation.
    #[error("{} failed on {}: {source}", action, path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// SQLite refused, for none of the reasons above.
    #[error("SQLite: {reason}; nothing was written")]
    Sqlite {
        /// SQLite's words.
        reason: String,
    },
    /// One of many items given in one call; [`Error::code`] is that of its own error.
    #[error("item {index}: {source}")]
    Item {
        /// Its place in the list, from 0.
        index: usize,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The memory was closed before or during the call.
    #[error("this memory is closed; open it again with open()")]
    Closed,
    /// The caller cancelled.
    #[error(
        "cancelled by the caller; nothing of this call was stored, but what reindex() or tiers.move() was through with: called again, they go on"
    )]
    Aborted,
    /// A defect of ours.
    #[error("internal error: {reason}; this is a defect, please report it")]
    Internal {
        /// What happened.
        reason: String,
    },
}

impl Error {
    /// The stable code, such as `PM_MODEL_MISMATCH`.
    pub fn code(&self) -> &'static str {
        match self {
            Error::EmptyText { .. } => "PM_EMPTY_TEXT",
            Error::BadText { .. } => "PM_BAD_TEXT",
            Error::TooLong { .. } | Error::StateTooLong { .. } => "PM_TOO_LONG",
            Error::BadRatio { .. } => "PM_BAD_RATIO",
            Error::BadVector { .. } => "PM_BAD_VECTOR",
            Error::DimsMismatch { .. } => "PM_DIMS_MISMATCH",
            Error::UnknownOption { .. } => "PM_UNKNOWN_OPTION",
            Error::BadOption { .. } => "PM_BAD_OPTION",
            Error::UnknownKind { .. } => "PM_UNKNOWN_KIND",
            Error::NotFound { .. }
            | Error::AnswerNotFound { .. }
            | Error::SnapshotNotFound { .. } => "PM_NOT_FOUND",
            Error::SnapshotDamaged { .. } => "PM_SNAPSHOT_DAMAGED",
            Error::UnknownFact { .. } => "PM_UNKNOWN_FACT",
            Error::TextGone { .. } => "PM_TEXT_GONE",
            Error::ModelNotFound { .. } => "PM_MODEL_NOT_FOUND",
            Error::ModelCorrupt { .. } => "PM_MODEL_CORRUPT",
            Error::ModelMismatch { .. } | Error::HalfReencoded { .. } => "PM_MODEL_MISMATCH",
            Error::RuntimeNotFound { .. } => "PM_RUNTIME_NOT_FOUND",
            Error::RuntimeInvalid { .. } => "PM_RUNTIME_INVALID",
            Error::Inference { .. } => "PM_INFERENCE",
            Error::BadPath { .. } => "PM_BAD_PATH",
            Error::ReadOnly { .. } => "PM_READ_ONLY",
            Error::NotAStore { .. } => "PM_NOT_A_STORE",
            Error::StoreTooNew { .. } => "PM_STORE_TOO_NEW",
            Error::StoreCorrupt { .. } | Error::StoreUnreadable { .. } => "PM_STORE_CORRUPT",
            Error::Busy { .. } => "PM_BUSY",
            Error::DiskFull { .. } => "PM_DISK_FULL",
            Error::Io { .. } => "PM_IO",
            Error::Sqlite { .. } => "PM_SQLITE",
            Error::Item { source, .. } => source.code(),
            Error::Closed => "PM_CLOSED",
            Error::Aborted => "PM_ABORTED",
            Error::Internal { .. } => "PM_INTERNAL",
        }
    }

    /// A defect of ours, in words.
    #[expect(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
    pub(crate) fn internal(reason: impl ToString) -> Error {
        Error::Internal { reason: reason.to_string() }
    }

    /// A file operation that the system refused; a full disk gets its own code.
    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
        source: std::io::Error,
    ) -> Error {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Error::DiskFull { path: path.to_path_buf() }
            }
            _ => Error::Io { action, path: path.to_path_buf(), source },
        }
    }
}
