//! Tables of a redb file, with whatever of their pages is what was written.
//!
//! A page that is not takes with it what stands on it and below it, and nothing else: the pages above say which keys
//! that may be.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use redb::{Key, TableDefinition, TableHandle, Value};

use crate::salvage::pages::{Page, PageFile, Root};

/// No tree that fits into a file is deeper.
const DEPTH_MAX: usize = 128;
/// A table of keys and values, as its definition begins.
const PLAIN_TABLE: u8 = 3;

/// What is asked for stands on a page that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// What was read.
pub type Read<T> = std::result::Result<T, Unreadable>;

/// Keys whose rows cannot be read: those after the first one, up to the second; without an end where there is none.
pub type Gap = (Option<Vec<u8>>, Option<Vec<u8>>);

#[derive(Clone, Copy, Debug)]
struct Shape {
    root: Option<Root>,
    key: Option<usize>,
    value: Option<usize>,
}

/// The tables of one state of a file.
#[derive(Debug)]
pub struct Tables {
    shapes: BTreeMap<String, Shape>,
    /// Whether others may have been there.
    some_are_lost: bool,
}

impl Tables {
    /// Reads where the tables of a state begin; `None` where not even the first page of it can be read.
    pub fn read(file: &PageFile, root: Option<Root>) -> Option<Self> {
        let master = Shape {
            root,
            key: None,
            value: None,
        };
        if let Some(root) = root {
            file.page(root, None, None)?;
        }
        let mut shapes = BTreeMap::new();
        let mut gaps = Vec::new();
        let mut unfit = false;
        let mut see = |name: &[u8], definition: &[u8]| {
            let name = std::str::from_utf8(name).ok();
            match name.zip(Shape::read(definition)) {
                Some((name, shape)) => drop(shapes.insert(name.to_owned(), shape)),
                None => unfit = true,
            }
        };
        walk(file, &master, &mut see, &mut gaps);
        Some(Self {
            shapes,
            some_are_lost: unfit || !gaps.is_empty(),
        })
    }

    /// Whether every page of every table is what was written.
    pub fn are_whole(&self, file: &PageFile) -> bool {
        let mut gaps = Vec::new();
        for shape in self.shapes.values() {
            walk(file, shape, &mut |_, _| (), &mut gaps);
        }
        gaps.is_empty() && !self.some_are_lost
    }

    /// Where a table begins.
    #[cfg(test)]
    pub fn root(&self, name: &str) -> Option<Root> {
        self.shapes.get(name)?.root
    }

    /// A table.
    pub fn table<'f, K: Key + 'static, V: Value + 'static>(
        &self,
        file: &'f PageFile,
        definition: TableDefinition<K, V>,
    ) -> Table<'f, K, V> {
        let shape = match self.shapes.get(definition.name()) {
            Some(shape) => Some(*shape).filter(|shape| shape.is_of::<K, V>()),
            None if self.some_are_lost => None,
            None => Some(Shape {
                root: None,
                key: K::fixed_width(),
                value: V::fixed_width(),
            }),
        };
        Table {
            file,
            shape,
            of: PhantomData,
        }
    }
}

impl Shape {
    /// Reads the definition of a table: kind, number of rows, root, and the widths of keys and values.
    fn read(bytes: &[u8]) -> Option<Self> {
        let width = |at: usize| -> Option<Option<usize>> {
            let width = u32::from_le_bytes(bytes.get(at + 1..at + 5)?.try_into().ok()?);
            Some((bytes[at] != 0).then_some(width as usize))
        };
        let root_at = 10;
        let root = match *bytes.get(root_at - 1)? {
            0 => None,
            _ => Some(Root::read(bytes.get(root_at..root_at + Root::BYTES)?)?),
        };
        let shape = Self {
            root,
            key: width(root_at + Root::BYTES)?,
            value: width(root_at + Root::BYTES + 5)?,
        };
        (bytes[0] == PLAIN_TABLE).then_some(shape)
    }

    fn is_of<K: Key, V: Value>(&self) -> bool {
        self.key == K::fixed_width() && self.value == V::fixed_width()
    }
}

/// One table.
#[derive(Debug)]
pub struct Table<'f, K, V> {
    file: &'f PageFile,
    /// `None` where the page is lost that says where the table begins.
    shape: Option<Shape>,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K: Key + 'static, V: Value + 'static> Table<'_, K, V> {
    /// The value of a key, as it is written.
    pub fn get<'k>(&self, key: impl std::borrow::Borrow<K::SelfType<'k>>) -> Read<Option<Vec<u8>>>
    where
        K: 'k,
    {
        let shape = self.shape.ok_or(Unreadable)?;
        let key = K::as_bytes(key.borrow());
        let key = key.as_ref();
        let Some(mut root) = shape.root else {
            return Ok(None);
        };
        for _ in 0..DEPTH_MAX {
            let page = self.file.page(root, shape.key, shape.value).ok_or(Unreadable)?;
            let at = first_not_below::<K>(&page, key)?;
            if page.is_branch {
                root = page.child(at).ok_or(Unreadable)?;
                continue;
            }
            if at == page.count || page.key(at) != Some(key) {
                return Ok(None);
            }
            return page.value(at).map(|value| Some(value.to_vec())).ok_or(Unreadable);
        }
        Err(Unreadable)
    }

    /// Visits every row that can be read, by rising key, and tells the gaps between them.
    pub fn each(&self, mut see: impl FnMut(K::SelfType<'_>, &[u8])) -> Vec<Gap> {
        let mut gaps = Vec::new();
        match &self.shape {
            None => gaps.push((None, None)),
            Some(shape) => {
                let mut see = |key: &[u8], value: &[u8]| see(K::from_bytes(key), value);
                walk(self.file, shape, &mut see, &mut gaps);
            }
        }
        gaps
    }

    /// Visits no row, and tells the gaps.
    pub fn gaps(&self) -> Vec<Gap> {
        self.each(|_, _| ())
    }
}

/// The first row, or page below, that may have a key.
fn first_not_below<K: Key>(page: &Page, key: &[u8]) -> Read<usize> {
    let (mut from, mut to) = (0, page.count);
    while from < to {
        let middle = from.midpoint(to);
        match K::compare(page.key(middle).ok_or(Unreadable)?, key) {
            Ordering::Less => from = middle + 1,
            Ordering::Equal | Ordering::Greater => to = middle,
        }
    }
    Ok(from)
}

fn walk(file: &PageFile, shape: &Shape, see: &mut dyn FnMut(&[u8], &[u8]), gaps: &mut Vec<Gap>) {
    if let Some(root) = shape.root {
        let mut walk = Walk {
            file,
            shape,
            see,
            gaps,
        };
        walk.below(root, (None, None), 0);
    }
}

struct Walk<'a> {
    file: &'a PageFile,
    shape: &'a Shape,
    see: &'a mut dyn FnMut(&[u8], &[u8]),
    gaps: &'a mut Vec<Gap>,
}

impl Walk<'_> {
    fn below(&mut self, root: Root, (after, to): (Option<&[u8]>, Option<&[u8]>), depth: usize) {
        let page = self.file.page(root, self.shape.key, self.shape.value);
        let Some(page) = page.filter(|_| depth < DEPTH_MAX) else {
            let owned = |key: Option<&[u8]>| key.map(<[u8]>::to_vec);
            return self.gaps.push((owned(after), owned(to)));
        };
        if !page.is_branch {
            for at in 0..page.count {
                if let (Some(key), Some(value)) = (page.key(at), page.value(at)) {
                    (self.see)(key, value);
                }
            }
            return;
        }
        for at in 0..=page.count {
            let after = at.checked_sub(1).map_or(after, |before| page.key(before));
            let to = if at < page.count { page.key(at) } else { to };
            if let Some(child) = page.child(at) {
                self.below(child, (after, to), depth + 1);
            }
        }
    }
}
