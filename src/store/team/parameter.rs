//! Values on their way to PostgreSQL and back. Texts that the store keeps hold no NUL, but what a person asks for may.

use std::error::Error;

use bytes::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::{Value, ValueRef};

/// A value as a parameter, of the type that the statement has there.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Value::Integer(number) => number.to_sql(ty, out),
            Value::Real(number) => number.to_sql(ty, out),
            Value::Text(text) if text.contains('\0') => text.replace('\0', "\u{FFFD}").to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
            Value::Blob(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column as the store reads it; a type that the store never asks for is NULL.
pub(super) fn column(row: &postgres::Row, at: usize) -> Result<ValueRef<'_>, postgres::Error> {
    let kind = row.columns().get(at).map_or(&Type::UNKNOWN, postgres::Column::type_);
    let value = if *kind == Type::INT8 {
        row.try_get::<_, Option<i64>>(at)?.map(ValueRef::Integer)
    } else if *kind == Type::INT4 {
        row.try_get::<_, Option<i32>>(at)?.map(|number| ValueRef::Integer(number.into()))
    } else if *kind == Type::TEXT || *kind == Type::VARCHAR {
        row.try_get::<_, Option<&str>>(at)?.map(|text| ValueRef::Text(text.as_bytes()))
    } else if *kind == Type::BYTEA {
        row.try_get::<_, Option<&[u8]>>(at)?.map(ValueRef::Blob)
    } else {
        None
    };
    Ok(value.unwrap_or(ValueRef::Null))
}
