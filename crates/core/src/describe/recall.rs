//! What is known of a user, in words: genres, tempo, keys, plugins, presets, loudness, settings.

use super::description::Description;
use super::draft::Draft;
use super::head::{self, Head};
use super::key::Key;
use super::preset::{self, Preset};
use super::record::{Field, Record};
use super::{generic, number, phrase};
use crate::error::Result;

const CATEGORY: &[&str] = &["category"];
const NAME: &[&str] = &["name", "project"];
const GENRES: &[&str] = &["preferredGenres", "preferred_genres", "genres", "genre"];
const BPM: &[&str] = &["typicalBPM", "typicalBpm", "default_bpm", "bpm", "tempo"];
const KEYS: &[&str] = &["commonKeys", "keys", "default_key", "key"];
const SCALE: &[&str] = &["scale"];
const MOOD: &[&str] = &["mood"];
const FAVOURITES: &[&str] = &["favoritePlugins", "favorites", "favourites"];
const PREFERRED: &[&str] = &["preferredPlugins"];
const PLUGINS: &[&str] = &["plugins", "plugin"];
const PRESETS: &[&str] = &["commonPresets", "presets"];
const LUFS: &[&str] = &["preferredMixLevel", "preferred_lufs_target", "targetLufs", "lufs"];
const RECENT: &[&str] = &["recentProjects"];
const SETTINGS: &[&str] = &["commonSettings", "settings"];
const DATA: &[&str] = &["data"];
const FIELDS: [&[&str]; 15] = [
    CATEGORY, NAME, GENRES, BPM, KEYS, SCALE, MOOD, FAVOURITES, PREFERRED, PLUGINS, PRESETS, LUFS,
    RECENT, SETTINGS, DATA,
];

/// The description of a user's preferences: the record itself, or a row with the record in `data`.
pub(super) fn describe(data: &Field<'_>) -> Result<Description> {
    let mut record = data.record()?;
    if let Some(inner) = record.get(DATA).filter(|inner| inner.value.is_object()) {
        record = record.over(inner.record()?);
    }
    let mut draft = Draft::default();
    title(&record, &mut draft)?;
    music(&record, &mut draft)?;
    tools(&record, &mut draft)?;
    if let Some(field) = record.get(SETTINGS) {
        draft.label("Settings", &phrase::listed(&preset::settings(&field)?, "; ", 900));
    }
    recent(&record, &mut draft)?;
    generic::others(&record, &FIELDS, &mut draft);
    draft.finish()
}

fn title(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let (category, name) = (record.text(CATEGORY)?, record.text(NAME)?);
    draft
        .say(category.as_ref().map(|it| format!("User preferences for {it}.")).unwrap_or_default());
    draft.label("Name", name.as_deref().unwrap_or_default());
    draft.maybe("category", category);
    draft.maybe("name", name);
    Ok(())
}

fn music(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let genres = record.names(GENRES)?;
    draft.list(if genres.len() > 1 { "Genres" } else { "Genre" }, &genres, 300);
    draft.maybe("genre", genres.first().cloned());
    draft.set("genres", genres);
    let bpm = record.get(BPM).map_or(Ok(None), |field| head::bpm(&field))?;
    draft.label(
        "Typical tempo",
        &bpm.map(|bpm| format!("{} BPM", number::plain(bpm))).unwrap_or_default(),
    );
    draft.number("bpm", bpm);
    keys(record, draft)?;
    let moods = record.names(MOOD)?;
    draft.maybe("mood", moods.first().cloned());
    draft.list("Mood", &moods, 150);
    let lufs = record.number(LUFS)?;
    draft.label("Target loudness", &lufs.map(number::lufs).unwrap_or_default());
    draft.number("lufs", lufs);
    Ok(())
}

/// Keys in words; a scale beside a single key belongs to it.
fn keys(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let (given, scale) = (record.names(KEYS)?, record.text(SCALE)?);
    let (scale, apart) = if given.len() == 1 { (scale, None) } else { (None, scale) };
    let scale = scale.as_deref();
    let keys: Vec<Option<Key>> = given.iter().map(|key| Key::of(key, scale)).collect();
    let spoken: Vec<String> = keys
        .iter()
        .zip(&given)
        .map(|(key, given)| key.as_ref().map_or(given.clone(), Key::spoken))
        .collect();
    draft.list(if spoken.len() > 1 { "Keys" } else { "Key" }, &spoken, 200);
    draft.label("Scale", &apart.unwrap_or_default());
    let compared: Vec<String> = keys
        .iter()
        .zip(&given)
        .map(|(key, given)| key.as_ref().map_or(given.clone(), Key::canonical))
        .collect();
    draft.maybe("key", compared.first().cloned());
    draft.set("keys", compared);
    draft.set("keysAsGiven", given);
    Ok(())
}

fn tools(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let mut ids = Vec::new();
    for (label, names) in
        [("Favourite plugins", FAVOURITES), ("Preferred plugins", PREFERRED), ("Plugins", PLUGINS)]
    {
        let some = record.names(names)?;
        let spoken: Vec<String> = some.iter().filter_map(|id| phrase::readable(id)).collect();
        draft.list(label, &spoken, 600);
        ids.extend(some);
    }
    let presets = record.get(PRESETS).map_or(Ok(Vec::new()), |field| Preset::all(&field))?;
    let spoken: Vec<String> = presets.iter().map(Preset::spoken).collect();
    draft.label("Presets", &phrase::listed(&spoken, "; ", 1_200));
    ids.extend(presets.iter().filter_map(|preset| preset.plugin.clone()));
    draft.set("plugins", ids);
    draft.set("presets", presets.iter().map(|preset| &preset.name));
    Ok(())
}

fn recent(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let mut projects = Vec::new();
    for item in record.items(RECENT)? {
        let project = item.record()?;
        let lufs = project.number(LUFS)?.map(number::lufs);
        let parts = [project.text(NAME)?, Some(Head::read(&project)?.spoken()), lufs];
        let parts: Vec<String> =
            parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        projects.extend((!parts.is_empty()).then(|| parts.join(", ")));
    }
    draft.label("Recent projects", &phrase::listed(&projects, "; ", 600));
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::{Value, json};

    use super::*;

    fn described(data: &Value) -> Description {
        describe(&Field::root(data)).unwrap()
    }

    #[test]
    fn what_the_compressor_is_given() {
        let data = json!({
            "category": "vocal chain", "genre": "Trap", "bpm": 140, "key": "C", "scale": "minor",
            "plugins": ["mixx-tune", "mixx-verb"], "presets": [{ "name": "Air", "plugin": "mixx-eq8" }],
            "confidence": 0.9, "user_id": "u-1",
        });
        let described = described(&data);
        let expected = "User preferences for vocal chain.\nGenre: Trap.\nTypical tempo: 140 BPM.\nKey: C minor.\n\
            Plugins: mixx tune, mixx verb.\nPresets: Air (mixx eq8).\nconfidence: 0.9";
        assert_eq!(described.text, expected);
        let facts = json!({
            "category": "vocal chain", "genre": "Trap", "genres": ["Trap"], "bpm": 140, "key": "C minor",
            "keys": ["C minor"], "keysAsGiven": ["C"], "plugins": ["mixx-tune", "mixx-verb", "mixx-eq8"], "presets": ["Air"],
        });
        assert_eq!(Value::from(described.metadata), facts);
    }

    #[test]
    fn what_the_recall_module_keeps() {
        let data = json!({
            "preferredGenres": ["R&B", "Drill"], "typicalBPM": "92.5", "commonKeys": ["Am", "F#m"],
            "favoritePlugins": { "mixx-comp": true, "mixx-clip": false }, "preferredMixLevel": -9,
            "commonPresets": { "mixx-verb": [{ "label": "Hall", "params": { "mix": 0.3 } }] },
            "recentProjects": [{ "genre": "Drill", "bpm": 142, "key": "Gm", "timestamp": 17 }, {}],
            "commonSettings": { "mixx-comp": { "ratio": 4 } },
        });
        let expected = "Genres: R&B, Drill.\nTypical tempo: 92.5 BPM.\nKeys: A minor, F# minor.\n\
            Target loudness: -9.0 LUFS.\nFavourite plugins: mixx comp.\nPresets: Hall (mixx verb: mix 0.3).\n\
            Settings: mixx comp: ratio 4.\nRecent projects: Drill, 142 BPM, G minor.";
        assert_eq!(described(&data).text, expected);
    }

    #[test]
    fn a_row_of_the_database() {
        let data =
            json!({ "id": "x", "category": "mix", "data": { "lufs": -14, "reverbTail": "short" } });
        let expected = "User preferences for mix.\nTarget loudness: -14.0 LUFS.\nreverbTail: short";
        assert_eq!(described(&data).text, expected);
    }

    #[test]
    fn nothing_known_is_an_error() {
        let err = describe(&Field::root(&json!({ "preferredGenres": [], "id": "x" }))).unwrap_err();
        assert_eq!(err.code(), "PM_EMPTY_TEXT");
    }
}
