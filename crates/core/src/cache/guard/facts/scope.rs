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
        "album" | "albums" => "album",
        "ep" | "eps" => "ep",
        "catalog" | "catalogue" | "library" => "collection",
        "verse" | "verses" => "verse",
        "chorus" | "choruses" | "hook" => "chorus",
        "bridge" | "middle8" => "bridge",
        "breakdown" | "buildup" => "breakdown",
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
        for (a, b) in
            [("track", "channels"), ("song", "project"), ("chorus", "hook"), ("bus", "aux")]
        {
            assert!(class(a).is_some() && class(a) == class(b), "{a} {b}");
        }
        assert_ne!(class("verse"), class("chorus"));
        assert_ne!(class("track"), class("project"));
        assert_eq!(class("reverb"), None);
    }
}
