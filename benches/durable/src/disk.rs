//! What the disk takes for what a commit costs at least.

use std::{fs::File, io::Write, path::Path, time::Instant};

/// Writes 4 KiB and syncs them, a hundred times.
pub(crate) fn measure(folder: &Path) {
    let mut file = File::create(folder.join("sync")).unwrap();
    let times = (0..100).map(|_| {
        let begun = Instant::now();
        file.write_all(&[1; 4096]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed()
    });
    let median = crate::median(times.collect());
    println!("the disk: {:.1} us to write 4 KiB and sync them, the median of 100", median.as_secs_f64() * 1e6);
}
