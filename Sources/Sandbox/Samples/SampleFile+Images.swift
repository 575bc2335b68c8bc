extension SampleFile {
    /// A gradient of 16 × 16 pixels.
    static let jpeg = SampleFile(
        name: "photo.jpg",
        base64: """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5a
            YVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAAR
            CAAQABADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAMG/8QAFhAAAwAAAAAAAAAAAAAAAAAAABVi/8QAFAEBAAAAAAAAAAAAAAAA
            AAAABP/EABcRAQADAAAAAAAAAAAAAAAAAAAUFWH/2gAMAwEAAhEDEQA/AKs6DOjFs6DOgtHh0x//2Q==
            """
    )

    /// The same gradient in 16 colours.
    static let png = SampleFile(
        name: "picture.png",
        base64: """
            iVBORw0KGgoAAAANSUhEUgAAABAAAAAQBAMAAADt3eJSAAAAMFBMVEX/pQDumgjdjxHMhBm7eSKqbiqZYzOIWDt3TURmQkxVN1VELF0zIWYi
            Fm4RC3cAAIAUDBiDAAAAO0lEQVQI1zXBwQAAIQAAwVVIIYUUUkghhRRSSCGFUziFFFKozzYDTxBRJJFFEVU00cUQU3ziF0tscXQBlZU/wUAV
            ODIAAAAASUVORK5CYII=
            """
    )

    /// Two frames of 8 × 8 pixels, red and blue, for ever.
    static let gif = SampleFile(
        name: "loop.gif",
        base64: """
            R0lGODlhCAAIAPAAAP8AAAAAACH5BAAUAAAAIf8LTkVUU0NBUEUyLjADAQAAACwAAAAACAAIAAACB4SPqcvtXQAAIfkEABQAAAAsAAAAAAgA
            CACAAAD/AAAAAgeEj6nL7V0AADs=
            """
    )

    /// The gradient as lossy WebP (VP8).
    static let webp = SampleFile(
        name: "banner.webp",
        base64: """
            UklGRkYAAABXRUJQVlA4IDoAAACwAQCdASoQABAAAsBMJagCdAEOtPOgAP5bKrUkXLvdD8UqeP/kK/Zr/Ci4l0W9hhp0B/WmfhniJrAA
            """
    )

    /// One HEVC image of 64 × 64 pixels. Its brand is `heic`, compatible with `mif1`, `heic`, `miaf`.
    static let heic = SampleFile(
        name: "camera.heic",
        base64: """
            AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRt
            AAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFkAAEAAAAAAAAAKwAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwGlw
            cnAAAACiaXBjbwAAAHZodmNDAQQIAAAAAAAAAAAAHvAA/P36+gAADwMgAAEAF0ABDAH//wQIAAADAJ24AAADAAAeugJAIQABACpCAQEECAAA
            AwCduAAAAwAAHqAggQTZbqSSmubgQEDAgAAAAwCAAAADAIQiAAEAB0QBwXKwIkAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABBwaXhpAAAAAAMK
            CgoAAAAWaXBtYQAAAAAAAAABAAEDgQKDAAAAM21kYXQAAAAnKAGvGYD3gPjp5R6pk+itb71vrT8itYQX2RPmx2swITNNF79Zg+p4
            """
    )

    /// The same file with both `heic` brands overwritten by `mif1`: a HEIF that does not name its codec. Decoders open
    /// it.
    static let heif = SampleFile(
        name: "scan.heif",
        base64: """
            AAAAHGZ0eXBtaWYxAAAAAG1pZjFtaWYxbWlhZgAAAUBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRt
            AAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFkAAEAAAAAAAAAKwAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwGlw
            cnAAAACiaXBjbwAAAHZodmNDAQQIAAAAAAAAAAAAHvAA/P36+gAADwMgAAEAF0ABDAH//wQIAAADAJ24AAADAAAeugJAIQABACpCAQEECAAA
            AwCduAAAAwAAHqAggQTZbqSSmubgQEDAgAAAAwCAAAADAIQiAAEAB0QBwXKwIkAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABBwaXhpAAAAAAMK
            CgoAAAAWaXBtYQAAAAAAAAABAAEDgQKDAAAAM21kYXQAAAAnKAGvGYD3gPjp5R6pk+itb71vrT8itYQX2RPmx2swITNNF79Zg+p4
            """
    )
}
