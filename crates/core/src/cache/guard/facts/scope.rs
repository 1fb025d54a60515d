//! Where it applies: this track, the whole project, the chorus.

/// The scope a word names.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "track" | "tracks" | "channel" | "channels" => "track",
        "clip" | "clips" | "region" | "regions" => "clip",
        "take" | "takes" => "take",
        "stem" | "stems" => "stem",
        "bus" | "buss" | "group" | "groups" | "folder" | "aux" => "bus",
        "song" | "project" | "session" | "arrangement" | "songs" | "projects" => "project",
        "album" | "ep" | "catalog" | "catalogue" | "library" => "collection",
        "verse" | "verses" => "verse",
        "chorus" | "choruses" | "hook" => "chorus",
        "bridge" | "middle8" => "bridge",
        "breakdown" | "buildup" => "breakdown",
        "master" | "mixbus" => "master",
        "selection" | "selected" => "selection",
        _ => return None,
    })
}
