//! The bytes of an index file: `docs/formats.md`, "Index". Little-endian; no I/O here.

use xxhash_rust::xxh3::xxh3_64;

use super::file::{Expected, Stamp};
use super::flat::Flat;
use super::gate::State;
use super::graph::Graph;
use super::links::Links;
use super::probe::Probe;
use crate::error::Result;

pub(super) const MAGIC: &[u8; 8] = b"PMINDEX1";
const VERSION: u32 = 1;
const CHECKSUM_BYTES: usize = 8;

/// A file's bytes but for the checksum, in two parts so that the large one need not be moved.
pub(super) struct Image {
    head: Vec<u8>,
    links: Option<Links>,
}

impl Image {
    /// Copies the state; the caller holds the lock only for this.
    pub(super) fn of(state: &State, stamp: &Stamp) -> Result<Image> {
        let graph = state.graph.as_ref().filter(|graph| !graph.nodes().is_empty());
        let links = graph.map(Graph::links).transpose()?;
        let links_bytes = links.as_ref().map_or(0, |links| links.bytes().len());
        let (rows, partitions, vectors) = state.flat.columns();
        let mut head = Vec::with_capacity(256 + vectors.len() + rows.len() * 16);
        head.extend(header(state, graph, stamp, links_bytes));
        head.extend(stamp.store.bytes().chain(stamp.model.bytes()));
        head.extend(rows.iter().flat_map(|row| row.to_le_bytes()));
        head.extend(partitions.iter().flat_map(|partition| partition.to_le_bytes()));
        head.extend(vectors.iter().map(|byte| *byte as u8));
        let nodes = graph.map_or(&[][..], Graph::nodes);
        head.extend(nodes.iter().flat_map(|slot| slot.to_le_bytes()));
        Ok(Image { head, links })
    }

    /// The parts, to be written one after the other.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        [&self.head, self.links.as_ref().map_or(&[], Links::bytes)]
    }
}

fn header(state: &State, graph: Option<&Graph>, stamp: &Stamp, links_bytes: usize) -> Vec<u8> {
    let probe = graph.map_or(state.list.map(|(probe, _)| probe), Graph::probe);
    let probed = graph.map_or(state.list.map_or(0, |(_, vectors)| vectors), Graph::probed_nodes);
    let mut header = MAGIC.to_vec();
    let mut word = |value: u32| header.extend(value.to_le_bytes());
    word(VERSION);
    word(state.flat.dims() as u32);
    word(stamp.store.len() as u32);
    word(stamp.model.len() as u32);
    word(probe.map_or(0, |probe| probe.recall.to_bits()));
    word(probe.map_or(0, |probe| probe.sample as u32));
    word(probe.map_or(0, |probe| probe.expansion as u32));
    word(0);
    let mut long = |value: u64| header.extend(value.to_le_bytes());
    long(stamp.generation);
    long(state.flat.slots() as u64);
    long(graph.map_or(0, Graph::graphed) as u64);
    long(graph.map_or(0, |graph| graph.nodes().len()) as u64);
    long(probed as u64);
    long(links_bytes as u64);
    header
}

/// The state in a file's bytes, and its generation.
///
/// # Errors
/// In words, for bytes that are damaged, of another store or model, or of a newer version.
pub(super) fn read(bytes: &[u8], expected: &Expected) -> std::result::Result<(State, u64), String> {
    let header = Header::read(&mut Reader(bytes), bytes.len())?;
    let (body, checksum) = bytes.split_at(bytes.len() - CHECKSUM_BYTES);
    if checksum != xxh3_64(body).to_le_bytes() {
        return Err("its checksum does not fit: it is damaged".to_owned());
    }
    let mut reader = Reader(&body[HEADER_BYTES..]);
    header.check(&mut reader, expected)?;
    let rows = reader.longs(header.slots)?;
    let partitions = reader.words(header.slots)?;
    let vectors = reader.take(header.slots * expected.dims)?.iter().map(|b| *b as i8).collect();
    let flat = Flat::from_columns(expected.dims, rows, partitions, vectors)?;
    let nodes = reader.words(header.nodes)?;
    let mut state = State::new(flat, None);
    if !nodes.is_empty() {
        let (graphed, probe) = (header.graphed, header.probe);
        let (probed_nodes, links) = (header.probed_nodes, reader.0.to_vec());
        state.saved = Some(SavedGraph { nodes, graphed, links, probe, probed_nodes });
    } else if header.probe.expansion > 0 {
        state.list = Some((header.probe, header.probed_nodes));
    }
    Ok((state, header.generation))
}

/// A graph as it lies in a file. Searches scan until the upkeep has brought it to life: that takes
/// as long as reading all the rest, and an index must not keep its store from opening.
pub(super) struct SavedGraph {
    nodes: Vec<u32>,
    graphed: usize,
    links: Vec<u8>,
    probe: Probe,
    probed_nodes: usize,
}

impl SavedGraph {
    /// The living graph, with its vectors from `flat`.
    ///
    /// # Errors
    /// In words, when usearch refuses the links.
    pub(super) fn restore(self, flat: &Flat) -> std::result::Result<Graph, String> {
        let mut graph = Graph::load(flat, self.nodes, self.graphed, &self.links)?;
        if self.probe.expansion > 0 {
            // Erased nodes come back as zeros and lead nowhere: with many, what was probed is over.
            let stale = flat.dead() * 50 > flat.slots();
            graph.set_probe(self.probe, if stale { 0 } else { self.probed_nodes });
        }
        Ok(graph)
    }
}

const HEADER_BYTES: usize = 8 + 8 * 4 + 6 * 8;

/// The fields before the columns, as [`header`] writes them.
struct Header {
    dims: usize,
    store_bytes: usize,
    model_bytes: usize,
    probe: Probe,
    generation: u64,
    slots: usize,
    graphed: usize,
    nodes: usize,
    probed_nodes: usize,
}

impl Header {
    /// Refuses sizes that do not add up to the length of the file, before anything is allocated.
    fn read(reader: &mut Reader, file_bytes: usize) -> std::result::Result<Header, String> {
        if reader.take(MAGIC.len())? != MAGIC {
            return Err("it is no index of this package".to_owned());
        }
        let version = reader.word()?;
        if version != VERSION {
            return Err(format!("it has version {version}, known here is {VERSION}"));
        }
        let [dims, store_bytes, model_bytes] = [reader.size()?, reader.size()?, reader.size()?];
        let recall = f32::from_bits(reader.word()?);
        let probe = Probe { recall, sample: reader.size()?, expansion: reader.size()? };
        reader.word()?;
        let generation = reader.long()?;
        let [slots, graphed, nodes, probed_nodes, links] = reader.sizes()?;
        let sizes = [(1, HEADER_BYTES + CHECKSUM_BYTES), (1, store_bytes), (1, model_bytes)];
        let columns = [(12, slots), (dims, slots), (4, nodes), (1, links)];
        let total = sizes
            .iter()
            .chain(&columns)
            .try_fold(0_usize, |sum, (unit, count)| sum.checked_add(unit.checked_mul(*count)?));
        if total != Some(file_bytes) {
            return Err("it is longer or shorter than its header says".to_owned());
        }
        Ok(Header {
            dims,
            store_bytes,
            model_bytes,
            probe,
            generation,
            slots,
            graphed,
            nodes,
            probed_nodes,
        })
    }

    fn check(&self, reader: &mut Reader, expected: &Expected) -> std::result::Result<(), String> {
        if self.dims != expected.dims {
            return Err(format!("it has {} dims, expected are {}", self.dims, expected.dims));
        }
        if reader.take(self.store_bytes)? != expected.store.as_bytes() {
            return Err("it belongs to another store".to_owned());
        }
        if reader.take(self.model_bytes)? != expected.model.as_bytes() {
            return Err("it was made with another model".to_owned());
        }
        Ok(())
    }
}

/// Takes bytes off the front; asking for more than there are is an error.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> std::result::Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("it is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn word(&mut self) -> std::result::Result<u32, String> {
        Ok(self.words(1)?[0])
    }

    fn long(&mut self) -> std::result::Result<u64, String> {
        Ok(self.longs(1)?[0])
    }

    fn size(&mut self) -> std::result::Result<usize, String> {
        Ok(self.word()? as usize)
    }

    fn sizes<const N: usize>(&mut self) -> std::result::Result<[usize; N], String> {
        let mut sizes = [0; N];
        for size in &mut sizes {
            *size = usize::try_from(self.long()?).map_err(|err| err.to_string())?;
        }
        Ok(sizes)
    }

    fn words(&mut self, count: usize) -> std::result::Result<Vec<u32>, String> {
        let (words, _) = self.take(count * 4)?.as_chunks();
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    fn longs(&mut self, count: usize) -> std::result::Result<Vec<u64>, String> {
        let (longs, _) = self.take(count * 8)?.as_chunks();
        Ok(longs.iter().map(|long| u64::from_le_bytes(*long)).collect())
    }
}
