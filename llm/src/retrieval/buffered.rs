//! The stream of a step that yields its output as one chunk.

/// The items that all such steps share.
macro_rules! whole {
    ($In:ty) => {
        type Chunk = Self::Output;
        type Assembler = catena::Whole<Self::Output>;

        fn assembler(&self) -> Self::Assembler {
            catena::Whole::default()
        }

        fn call_stream<'a>(&'a self, input: $In, cx: &'a catena::Context) -> catena::Chunks<'a, Self::Chunk>
        where
            $In: 'a,
        {
            catena::__private::stream_whole(self, input, cx)
        }
    };
}
pub(super) use whole;
