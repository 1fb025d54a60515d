//! Units: what is measured, and how large one of it is in the base unit.

use super::super::lex::Lexeme;

/// What kind of thing is measured. Quantities of two dimensions are never equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    /// No unit was written.
    Bare,
    /// Its place in a row: `third`, `3rd`.
    Ordinal,
    /// Seconds.
    Time,
    /// Months and years, in months.
    Calendar,
    /// Hertz.
    Frequency,
    /// Beats per minute.
    Tempo,
    /// Decibel without a reference.
    Level,
    /// Decibel to full scale.
    FullScale,
    /// Decibel true peak.
    TruePeak,
    /// LUFS or LKFS.
    Loudness,
    /// Loudness units.
    LoudnessRange,
    /// Cents.
    Pitch,
    /// Samples.
    Samples,
    /// Bars.
    Bars,
    /// Beats.
    Beats,
    /// Bits.
    Bits,
    /// Per cent.
    Share,
    /// Degrees of angle or temperature.
    Degrees,
    /// Metres.
    Length,
    /// Grams.
    Mass,
    /// Bytes.
    Bytes,
    /// Money, whatever the currency's number in the table.
    Money(u8),
    /// `4:1`, `2x`.
    Ratio,
    /// Volts.
    Volt,
    /// Frames per second.
    FrameRate,
    /// Metres per second: of a tape.
    Speed,
    /// Bits per second.
    BitRate,
    /// Turns per minute.
    Turns,
    /// Square metres.
    Area,
}

/// The place of a currency in the table of [`Dimension::Money`], by its sign.
pub(super) fn currency(sign: &str) -> Option<u8> {
    ["$", "€", "£"].iter().position(|c| *c == sign).map(|i| i as u8)
}

/// A unit behind a number: its dimension, its size in the base unit, lexemes taken.
pub(super) fn read(rest: &[Lexeme]) -> Option<(Dimension, f64, usize)> {
    let first = rest.first()?;
    if let Some(found) = rate(rest) {
        return Some(found);
    }
    // Only with a small m: "mhz" is a hurried MHz.
    if first.text == "mHz" {
        return Some((Dimension::Frequency, 1e-3, 1));
    }
    let two = rest.get(1).map(|second| format!("{} {}", first.lower, second.lower));
    if let Some((dimension, factor)) = two.as_deref().and_then(named) {
        return Some((dimension, factor, 2));
    }
    let word = first.lower.as_str();
    // "120 in the intro" is no length, "5 v 3" no voltage.
    let single =
        (word.len() == 1 || word == "in") && !first.glued && !matches!(word, "%" | "s" | "m" | "h");
    if single {
        return None;
    }
    named(word).map(|(dimension, factor)| (dimension, factor, 1))
}

/// So many of something in a second or a minute: `cycles per second`, `cm/s`, `frames a second`.
fn rate(rest: &[Lexeme]) -> Option<(Dimension, f64, usize)> {
    use Dimension as D;
    let [of, per, time, ..] = rest else { return None };
    let slash = per.text == "/" && per.glued && time.glued;
    if !slash && !matches!(per.lower.as_str(), "per" | "a" | "every") {
        return None;
    }
    let (dimension, seconds) = named(&time.lower)?;
    if dimension != D::Time || per.lower == "a" && time.lower.len() < 3 {
        return None;
    }
    let minutes = seconds / 60.0;
    let (dimension, one) = match of.lower.as_str() {
        "cycle" | "cycles" | "oscillations" | "vibrations" | "sample" | "samples" => {
            (D::Frequency, 1.0 / seconds)
        }
        "frame" | "frames" => (D::FrameRate, 1.0 / seconds),
        "beat" | "beats" => (D::Tempo, 1.0 / minutes),
        "turn" | "turns" | "revolution" | "revolutions" | "rotations" => (D::Turns, 1.0 / minutes),
        "kilobit" | "kilobits" | "kbit" | "kbits" => (D::BitRate, 1e3 / seconds),
        "megabit" | "megabits" | "mbit" | "mbits" => (D::BitRate, 1e6 / seconds),
        length => match named(length)? {
            (D::Length, metres) => (D::Speed, metres / seconds),
            _ => return None,
        },
    };
    Some((dimension, one, 3))
}

/// A unit by its name: its dimension and its size in the base unit.
fn named(word: &str) -> Option<(Dimension, f64)> {
    use Dimension as D;
    Some(match word {
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => (D::Time, 1e-3),
        "us" | "microseconds" => (D::Time, 1e-6),
        "s" | "sec" | "secs" | "second" | "seconds" => (D::Time, 1.0),
        "min" | "mins" | "minute" | "minutes" => (D::Time, 60.0),
        "h" | "hr" | "hrs" | "hour" | "hours" => (D::Time, 3600.0),
        "day" | "days" => (D::Time, 86_400.0),
        "week" | "weeks" | "wk" | "wks" => (D::Time, 604_800.0),
        "month" | "months" => (D::Calendar, 1.0),
        "year" | "years" | "yrs" => (D::Calendar, 12.0),
        "hz" | "hertz" | "cycles" => (D::Frequency, 1.0),
        "khz" | "kilohertz" | "kilo hertz" => (D::Frequency, 1e3),
        "mhz" => (D::Frequency, 1e6),
        "bpm" | "bmp" => (D::Tempo, 1.0),
        "fps" => (D::FrameRate, 1.0),
        "ips" => (D::Speed, 0.0254),
        "rpm" => (D::Turns, 1.0),
        "bps" => (D::BitRate, 1.0),
        "kbps" | "kbit/s" => (D::BitRate, 1e3),
        "mbps" => (D::BitRate, 1e6),
        "sqm" | "m2" | "square metres" | "square metre" | "square meters" | "square meter" => {
            (D::Area, 1.0)
        }
        "sqft" | "sq ft" | "square feet" | "square foot" => (D::Area, 0.092_903),
        "db" | "decibel" | "decibels" | "dbs" => (D::Level, 1.0),
        "dbfs" | "db fs" => (D::FullScale, 1.0),
        "dbtp" | "db tp" => (D::TruePeak, 1.0),
        "lufs" | "lkfs" => (D::Loudness, 1.0),
        "lu" | "loudness units" => (D::LoudnessRange, 1.0),
        "ct" | "cent" | "cents" => (D::Pitch, 1.0),
        "st" | "semi" | "semis" | "semitone" | "semitones" | "halfstep" | "halfsteps"
        | "half step" | "half steps" => (D::Pitch, 100.0),
        "octave" | "octaves" | "oct" => (D::Pitch, 1200.0),
        "sample" | "samples" | "smp" => (D::Samples, 1.0),
        "bar" | "bars" | "measure" | "measures" => (D::Bars, 1.0),
        "beat" | "beats" => (D::Beats, 1.0),
        "bit" | "bits" => (D::Bits, 1.0),
        "%" | "percent" | "procent" | "per cent" | "pct" => (D::Share, 1.0),
        "°" | "degree" | "degrees" | "deg" => (D::Degrees, 1.0),
        "mm" | "millimetres" | "millimeters" => (D::Length, 1e-3),
        "cm" | "centimetres" | "centimeters" | "centimetre" | "centimeter" => (D::Length, 1e-2),
        "m" | "metre" | "metres" | "meter" | "meters" => (D::Length, 1.0),
        "km" | "kilometres" | "kilometers" | "kms" => (D::Length, 1e3),
        "inch" | "inches" | "in" | "\"" => (D::Length, 0.0254),
        "ft" | "foot" | "feet" => (D::Length, 0.3048),
        "mile" | "miles" => (D::Length, 1609.344),
        "g" | "gram" | "grams" => (D::Mass, 1.0),
        "kg" | "kilo" | "kilos" | "kilograms" => (D::Mass, 1e3),
        "oz" | "ounce" | "ounces" => (D::Mass, 28.35),
        "lb" | "lbs" | "pound" | "pounds" => (D::Mass, 453.6),
        "kb" => (D::Bytes, 1e3),
        "mb" | "megabyte" | "megabytes" => (D::Bytes, 1e6),
        "gb" | "gig" | "gigs" | "gigabyte" | "gigabytes" => (D::Bytes, 1e9),
        "tb" | "terabyte" | "terabytes" => (D::Bytes, 1e12),
        "dollars" | "dollar" | "bucks" | "usd" => (D::Money(0), 1.0),
        "euro" | "euros" | "eur" | "€" => (D::Money(1), 1.0),
        "gbp" | "quid" => (D::Money(2), 1.0),
        "jpy" | "yen" => (D::Money(3), 1.0),
        "sek" | "kronor" => (D::Money(4), 1.0),
        "chf" | "francs" => (D::Money(5), 1.0),
        "v" | "volt" | "volts" => (D::Volt, 1.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(Dimension, f64, usize)> {
        read(&super::super::super::lex::lexemes(text))
    }

    #[test]
    fn units_by_any_of_their_names() {
        assert_eq!(of("kHz"), Some((Dimension::Frequency, 1e3, 1)));
        assert_eq!(of("-bit wav"), Some((Dimension::Bits, 1.0, 1)), "24-bit");
        assert_eq!(of("half steps up"), Some((Dimension::Pitch, 100.0, 2)));
        assert_eq!(of("octaves"), Some((Dimension::Pitch, 1200.0, 1)));
        assert_eq!(of("plugins"), None, "a noun is no unit");
        assert_eq!(of("m apart").map(|unit| unit.0), Some(Dimension::Length));
        assert_eq!(of("v 3"), None, "versus");
        assert_eq!(of("mHz").map(|unit| unit.1), Some(1e-3));
        assert_eq!(of("MHz"), of("mhz"));
    }

    #[test]
    fn so_many_in_a_second() {
        assert_eq!(of("cycles per second"), Some((Dimension::Frequency, 1.0, 3)));
        assert_eq!(of("beats per minute"), Some((Dimension::Tempo, 1.0, 3)));
        assert_eq!(of("frames a second"), of("fps").map(|(d, f, _)| (d, f, 3)));
        assert_eq!(of("cm/s tape"), Some((Dimension::Speed, 0.01, 3)));
        assert_eq!(of("inches per second").map(|unit| unit.1), of("ips").map(|unit| unit.1));
        assert_eq!(of("bars a song"), Some((Dimension::Bars, 1.0, 1)));
    }

    #[test]
    fn what_looks_alike_is_measured_apart() {
        for (a, b) in [("dB", "dBFS"), ("LUFS", "LU"), ("bars", "beats"), ("months", "days")] {
            assert_ne!(of(a).map(|unit| unit.0), of(b).map(|unit| unit.0), "{a} {b}");
        }
    }
}
