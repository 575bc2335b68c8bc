import GRDB
import Pipeline

/// A measure in columns of ``AssetsTable`` and ``FilesTable``. NULL: not known.
enum MeasureColumns {
    /// As of version 22; never changes.
    static let released = ["width", "height", "duration_ms"]

    static let list = released.joined(separator: ", ")

    static func values(of measure: MediaMeasure) -> Bindings { [measure.width, measure.height, measure.milliseconds] }

    /// Reads the columns, which begin at this one.
    static func measure(_ row: StoredRow, at column: Int) -> MediaMeasure {
        var measure = MediaMeasure(width: row[column], height: row[column + 1])
        measure.milliseconds = row[column + 2]
        return measure
    }
}

/// Warnings in a column: JSON text, or NULL for none.
enum WarningsColumn {
    static func text(_ warnings: [MediaWarning]) -> String? { warnings.isEmpty ? nil : warnings.json.json }

    /// A text that none of our versions wrote is no warnings.
    static func warnings(_ text: String?) -> [MediaWarning] {
        [MediaWarning](text.flatMap { try? JSONReader.value(of: Array($0.utf8)[...]) })
    }
}
