//! Where it applies: this track, the whole project, the chorus.

/// The scope a word names.
pub(crate) fn class(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "track" | "tracks" | "channel" | "channels" => "track",
        "clip" | "clips" | "region" | "regions" => "clip",
        "take" | "takes" => "take",
        "stem" | "stems" => "stem",
        "bus" | "buss" | "buses" => "bus",
        "group" | "groups" => "group",
        "folder" | "folders" => "folder",
        "aux" | "auxes" => "aux",
        "song" | "songs" => "song",
        "project" | "projects" | "session" | "sessions" => "project",
        "arrangement" | "arrangements" => "arrangement",
        "album" | "albums" => "album",
        "ep" | "eps" => "ep",
        "catalog" | "catalogue" => "catalogue",
        "library" => "library",
        "verse" | "verses" => "verse",
        "chorus" | "choruses" => "chorus",
        "hook" | "hooks" => "hook",
        "bridge" | "middle8" => "bridge",
        "breakdown" | "breakdowns" => "breakdown",
        "buildup" | "buildups" => "buildup",
        "master" | "mixbus" => "master",
        "selection" | "selected" => "selection",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_about() {
        for (a, b) in [("track", "channels"), ("session", "project"), ("bus", "buss")] {
            assert!(class(a).is_some() && class(a) == class(b), "{a} {b}");
        }
        // Near each other, and not the same: "what is an aux" is not "what is a bus".
        for (a, b) in [
            ("verse", "chorus"),
            ("track", "project"),
            ("chorus", "hook"),
            ("bus", "aux"),
            ("group", "folder"),
            ("breakdown", "buildup"),
            ("song", "project"),
        ] {
            assert_ne!(class(a), class(b), "{a} {b}");
        }
        assert_eq!(class("reverb"), None);
    }
}
