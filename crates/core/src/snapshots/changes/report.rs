//! What was found so far.

use serde_json::Value;

use super::change::{Change, TrackRef};
use super::value::{hash, respelled, same_option, values};
use crate::control::Control;

/// Fields of an object, or elements of an array, that are told one by one; more are told as one.
const MAX_APART: usize = 16;
/// Levels that are looked into.
const MAX_DEPTH: usize = 8;

/// The changes of a comparison, in the order in which they were found.
#[derive(Default)]
pub(super) struct Report {
    pub(super) changes: Vec<Change>,
    /// Ids given anew.
    pub(super) ids: usize,
    /// View fields that differ.
    pub(super) view: Vec<String>,
    /// Differences that another change covers, such as the fader of a removed track.
    pub(super) covered: usize,
    /// Numbers that are equal but for standing in a string: no change.
    pub(super) respelled: usize,
    /// Once it is stopped nothing more is compared.
    control: Control,
}

impl Report {
    /// One that is left unfinished when `control` is stopped.
    pub(super) fn under(control: &Control) -> Report {
        Report { control: control.clone(), ..Report::default() }
    }

    pub(super) fn say(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Grows with everything that was found or explained.
    pub(super) fn found(&self) -> usize {
        self.changes.len() + self.ids + self.view.len() + self.covered + self.respelled
    }

    /// Runs `compare` on values that differ; when it found nothing, tells them by path. So nothing that
    /// changed is silent, whatever a reader overlooks.
    pub(super) fn sure(
        &mut self,
        path: &str,
        track: Option<&TrackRef>,
        before: Option<&Value>,
        after: Option<&Value>,
        compare: impl FnOnce(&mut Report),
    ) {
        if self.control.is_stopped() {
            return;
        }
        let found = self.found();
        compare(self);
        if self.found() == found {
            self.fields(path, track, before, after);
        }
    }

    /// An id given anew; anything but an id in its place is told by its path.
    pub(super) fn id(
        &mut self,
        path: &str,
        track: Option<&TrackRef>,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let nested = |value: Option<&Value>| value.is_some_and(|v| v.is_object() || v.is_array());
        if nested(before) || nested(after) {
            self.fields(path, track, before, after);
        } else {
            self.ids += 1;
        }
    }

    /// Tells by path what differs, as deep as it differs in few places.
    pub(super) fn fields(
        &mut self,
        path: &str,
        track: Option<&TrackRef>,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        self.walk(path, track, before, after, MAX_DEPTH);
    }

    fn walk(
        &mut self,
        path: &str,
        track: Option<&TrackRef>,
        before: Option<&Value>,
        after: Option<&Value>,
        depth: usize,
    ) {
        if self.control.is_stopped() || same_option(before, after) {
            return;
        }
        if respelled(before, after) {
            self.respelled += 1;
            return;
        }
        if let Some(parts) = parts(path, before, after).filter(|_| depth > 0) {
            for (path, before, after) in parts {
                self.walk(&path, track, before, after, depth - 1);
            }
            return;
        }
        let values = values(before, after);
        self.say(Change::Field { path: path.to_owned(), track: track.cloned(), values });
    }
}

type Part<'a> = (String, Option<&'a Value>, Option<&'a Value>);

/// The parts of two objects, or of two arrays of one length, that differ; none when they are too many
/// to be told apart.
fn parts<'a>(
    path: &str,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
) -> Option<Vec<Part<'a>>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    match (before?, after?) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
            for name in names {
                let (before, after) = (a.get(name), b.get(name));
                if !same_option(before, after) {
                    parts.push((joined(path, name), before, after));
                }
                if parts.len() > MAX_APART {
                    return None;
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() && !reordered(a, b) => {
            for (i, pair) in a.iter().zip(b).enumerate() {
                if !same_option(Some(pair.0), Some(pair.1)) {
                    parts.push((format!("{path}[{i}]"), Some(pair.0), Some(pair.1)));
                }
                if parts.len() > MAX_APART {
                    return None;
                }
            }
        }
        _ => return None,
    }
    Some(parts)
}

/// Whether lists that differ hold the same in another order.
fn reordered(before: &[Value], after: &[Value]) -> bool {
    let sum = |list: &[Value]| list.iter().map(|v| hash(v, &[])).fold(0, u64::wrapping_add);
    before.len() > 1 && sum(before) == sum(after)
}

/// The path of a field.
pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn once_stopped_nothing_more_is_compared() {
        let control = Control::new();
        let (before, after) = (json!({ "a": 1 }), json!({ "a": 2 }));
        let mut report = Report::under(&control);
        report.sure("first", None, Some(&before), Some(&after), |_| ());
        assert_eq!(report.found(), 1);
        report.sure("second", None, Some(&before), Some(&after), |report| {
            report.ids += 1;
            control.stop();
        });
        report.sure("third", None, Some(&before), Some(&after), |report| report.ids += 1);
        report.fields("fourth", None, Some(&before), Some(&after));
        assert_eq!(report.found(), 2);
    }
}
