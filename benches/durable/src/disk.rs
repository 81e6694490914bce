//! The time that the disk takes for a sync, which a commit costs at least.

use std::{
    fs::File,
    io::{Seek, Write},
    path::Path,
    time::Instant,
};

/// Writes 4 KiB and syncs them, a hundred times: at the end of a file that grows, and again in the file that it has become.
pub(crate) fn measure(folder: &Path) {
    let mut file = File::create(folder.join("sync")).unwrap();
    for place in ["at the end of a file", "in place"] {
        file.rewind().unwrap();
        let times = (0..100).map(|_| {
            let begun = Instant::now();
            file.write_all(&[1; 4096]).unwrap();
            file.sync_data().unwrap();
            begun.elapsed()
        });
        let median = crate::median(times.collect());
        println!("the disk: {:.0} us to write 4 KiB {place} and sync them, the median of 100", median.as_secs_f64() * 1e6);
    }
}
