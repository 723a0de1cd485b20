//! The shape of a value as a serializer meets it: fields in their order, variants with their numbers.
//!
//! The saved form has no names in it, only values in the order of the fields and numbers of variants: so this is what must not change
//! without a new version. (JSON would show the names, and hide the order.)

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde::ser::{self, Serialize, Serializer};

/// What stands at one place, over every value that was seen there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    kinds: BTreeSet<&'static str>,
    parts: Vec<(String, Shape)>,
}

impl Shape {
    /// The shape of `value`.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        value.serialize(Eye).expect("every value has a shape")
    }

    /// Takes in what was seen elsewhere.
    pub(crate) fn merge(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        for (label, shape) in other.parts {
            self.part(label, shape);
        }
    }

    fn kind(kind: &'static str) -> Self {
        Self { kinds: BTreeSet::from([kind]), parts: Vec::new() }
    }

    fn with(kind: &'static str, label: impl Into<String>, shape: Self) -> Self {
        Self { parts: vec![(label.into(), shape)], ..Self::kind(kind) }
    }

    fn part(&mut self, label: String, shape: Self) {
        match self.parts.iter_mut().find(|(have, _)| *have == label) {
            Some((_, have)) => have.merge(shape),
            None => self.parts.push((label, shape)),
        }
    }

    /// One line for each part, those within it indented. Fields stay in their order, variants go by number.
    pub(crate) fn lines(&self) -> String {
        let mut out = String::new();
        self.write("desk", 0, &mut out).expect("writing to a String cannot fail");
        out
    }

    fn write(&self, label: &str, depth: usize, out: &mut String) -> fmt::Result {
        let kinds: Vec<_> = self.kinds.iter().copied().collect();
        writeln!(out, "{:width$}{label}: {}", "", kinds.join(" or "), width = depth * 2)?;
        let mut parts: Vec<_> = self.parts.iter().collect();
        if self.kinds.contains("enum") {
            parts.sort_by_key(|(label, _)| label.clone());
        }
        parts.into_iter().try_for_each(|(label, shape)| shape.write(label, depth + 1, out))
    }
}

/// A serializer that writes nothing and remembers what it was given.
struct Eye;

/// A value with parts, while they come.
struct Parts {
    shape: Shape,
    /// The variant that the parts belong to.
    variant: Option<String>,
    next: usize,
}

impl Parts {
    fn new(kind: &'static str, variant: Option<(u32, &'static str)>) -> Self {
        Self { shape: Shape::kind(kind), variant: variant.map(|(n, name)| label_of(n, name)), next: 0 }
    }

    fn add(&mut self, label: impl Into<String>, value: &(impl Serialize + ?Sized)) -> Result<(), fmt::Error> {
        self.shape.part(label.into(), value.serialize(Eye)?);
        Ok(())
    }

    fn add_next(&mut self, label: Option<&'static str>, value: &(impl Serialize + ?Sized)) -> Result<(), fmt::Error> {
        self.next += 1;
        self.add(label.map_or_else(|| (self.next - 1).to_string(), str::to_owned), value)
    }

    fn whole(self) -> Shape {
        match self.variant {
            Some(variant) => Shape::with("enum", variant, self.shape),
            None => self.shape,
        }
    }
}

fn label_of(number: u32, name: &str) -> String {
    format!("{number:02} {name}")
}

macro_rules! scalars {
    ($($method:ident($ty:ty) = $kind:literal),+ $(,)?) => {
        $(fn $method(self, _: $ty) -> Result<Shape, fmt::Error> { Ok(Shape::kind($kind)) })+
    };
}

macro_rules! in_order {
    ($($trait:ident::$method:ident = $label:expr),+ $(,)?) => {$(
        impl ser::$trait for Parts {
            type Ok = Shape;
            type Error = fmt::Error;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> { self.add_next($label, value) }
            fn end(self) -> Result<Shape, fmt::Error> { Ok(self.whole()) }
        }
    )+};
}

in_order! {
    // Elements of a list are alike; those of a tuple are not.
    SerializeSeq::serialize_element = Some("each"),
    SerializeTuple::serialize_element = None,
    SerializeTupleStruct::serialize_field = None,
    SerializeTupleVariant::serialize_field = None,
}

macro_rules! by_name {
    ($($trait:ident),+) => {$(
        impl ser::$trait for Parts {
            type Ok = Shape;
            type Error = fmt::Error;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), fmt::Error> { self.add(name, value) }
            fn end(self) -> Result<Shape, fmt::Error> { Ok(self.whole()) }
        }
    )+};
}

by_name!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Parts {
    type Ok = Shape;
    type Error = fmt::Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), fmt::Error> {
        self.add("each key", key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.add("each value", value)
    }
    fn end(self) -> Result<Shape, fmt::Error> {
        Ok(self.whole())
    }
}

impl Serializer for Eye {
    type Ok = Shape;
    type Error = fmt::Error;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    scalars! {
        serialize_bool(bool) = "bool",
        serialize_i8(i8) = "i8",
        serialize_i16(i16) = "i16",
        serialize_i32(i32) = "i32",
        serialize_i64(i64) = "i64",
        serialize_u8(u8) = "u8",
        serialize_u16(u16) = "u16",
        serialize_u32(u32) = "u32",
        serialize_u64(u64) = "u64",
        serialize_f32(f32) = "f32",
        serialize_f64(f64) = "f64",
        serialize_char(char) = "char",
        serialize_str(&str) = "text",
        serialize_bytes(&[u8]) = "bytes",
        serialize_unit_struct(&'static str) = "nothing",
    }

    fn serialize_unit(self) -> Result<Shape, fmt::Error> {
        Ok(Shape::kind("nothing"))
    }
    fn serialize_none(self) -> Result<Shape, fmt::Error> {
        Ok(Shape::kind("option"))
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Shape, fmt::Error> {
        Ok(Shape::with("option", "some", value.serialize(Eye)?))
    }
    fn serialize_unit_variant(self, _: &'static str, number: u32, name: &'static str) -> Result<Shape, fmt::Error> {
        Ok(Shape::with("enum", label_of(number, name), Shape::kind("nothing")))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Shape, fmt::Error> {
        value.serialize(Eye)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        number: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Shape, fmt::Error> {
        Ok(Shape::with("enum", label_of(number, name), value.serialize(Eye)?))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("list", None))
    }
    fn serialize_tuple(self, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("tuple", None))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("tuple", None))
    }
    fn serialize_tuple_variant(self, _: &'static str, number: u32, name: &'static str, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("tuple", Some((number, name))))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("map", None))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("fields", None))
    }
    fn serialize_struct_variant(self, _: &'static str, number: u32, name: &'static str, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("fields", Some((number, name))))
    }
}
