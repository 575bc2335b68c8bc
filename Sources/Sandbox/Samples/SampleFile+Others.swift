extension SampleFile {
    /// One page with two words on it.
    static let pdf = SampleFile(
        name: "brochure.pdf",
        base64: """
            JVBERi0xLjQKJeLjz9MKMSAwIG9iago8PC9UeXBlL0NhdGFsb2cvUGFnZXMgMiAwIFI+PgplbmRvYmoKMiAwIG9iago8PC9UeXBlL1BhZ2Vz
            L0tpZHNbMyAwIFJdL0NvdW50IDE+PgplbmRvYmoKMyAwIG9iago8PC9UeXBlL1BhZ2UvUGFyZW50IDIgMCBSL01lZGlhQm94WzAgMCAyMDAg
            MTAwXS9Db250ZW50cyA0IDAgUi9SZXNvdXJjZXM8PC9Gb250PDwvRiA1IDAgUj4+Pj4+PgplbmRvYmoKNCAwIG9iago8PC9MZW5ndGggNDA+
            PnN0cmVhbQpCVC9GIDE4IFRmIDIwIDQ1IFRkKE91dHRyYXkgc2FtcGxlKVRqIEVUCmVuZHN0cmVhbQplbmRvYmoKNSAwIG9iago8PC9UeXBl
            L0ZvbnQvU3VidHlwZS9UeXBlMS9CYXNlRm9udC9IZWx2ZXRpY2E+PgplbmRvYmoKeHJlZgowIDYKMDAwMDAwMDAwMCA2NTUzNSBmIAowMDAw
            MDAwMDE1IDAwMDAwIG4gCjAwMDAwMDAwNjAgMDAwMDAgbiAKMDAwMDAwMDExMSAwMDAwMCBuIAowMDAwMDAwMjIyIDAwMDAwIG4gCjAwMDAw
            MDAzMDkgMDAwMDAgbiAKdHJhaWxlcgo8PC9TaXplIDYvUm9vdCAxIDAgUj4+CnN0YXJ0eHJlZgozNzIKJSVFT0YK
            """
    )

    /// The frames of ``webm`` as Matroska. The container is the same, but no provider takes it.
    static let matroska = SampleFile(
        name: "recording.mkv",
        base64: """
            GkXfo6NChoEBQveBAULygQRC84EIQoKIbWF0cm9za2FCh4EEQoWBAhhTgGcBAAAAAAAFThFNm3TAv4RnTDe5TbuLU6uEFUmpZlOsgaFNu4tT
            q4QWVK5rU6yBzE27jFOrhBJUw2dTrIIBH027jFOrhBxTu2tTrIIFMuwBAAAAAAAAUwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFUmpZqa/hBsTTFoq17GDD0JATYCETGF2ZldBhExh
            dmZEiYhAaQAAAAAAABZUrmvOv4SyFEZ0rgEAAAAAAAA/14EBc8WIAAAAAAAAAAGcgQAitZyDdW5kiIEAhoVWX1ZQOIOBASPjg4QF9eEA4JCw
            gSC6gSCagQJVsIRVuYEBElTDZ9e/hJ8LxqBzc85jwItjxYgAAAAAAAAAAWfImEWjh0VOQ09ERVJEh4tMYXZjIGxpYnZweGfIokWjiERVUkFU
            SU9ORIeUMDA6MDA6MDAuMjAwMDAwMDAwAAAfQ7Z1Q7G/hEE6SlLngQCjQvuBAACAMBUAnQEqIAAgAAAHCIWFiIWEiAICAnW6JOn+A/g5+sHN
            07T9gf0vygnhb+A/gx7K+YB/iX4A8AH+A/xj+2f4D3/+kB/SL0AesB/QH0gP2r+AH9UP7p7h/8W/j13YfHvwz5zj07/WbLXvMfx6/KDSA/h5
            +QGYB/nn4T/jNlHPBQedz+Yfk9/YPQa/uXuCfyD+Lf2L8lP3t+gHqK/0a9rUTZwb6G+ZDUbbGaZ3HnT4OcCViQD+//8W+SVOYTWnlagaua4G
            lO6yBXCtSjZlvB3//nMP1p52BDYllDCi9qvwjonmzgbuf5cn8Gz+HU89k4bi/AY9QX4ZQfM5IiSI2Ji45urut7+XdcTDT9Ikp8l1VdnW2qkb
            5bMejrdvPD+CtS/Lz+yP/6FFeqG5/ZoLlBgKCX4x6lYBjGNLSk4Df+YMPdsQ/Uj1t1VS3QP95vP/9ph5oUlsTJNGQclHQd5B32kCq01WGhU+
            i6e236ayfoaZ6YCk8eSZUKAZiTfcWUUbZp9R3kH+Eytv8rv48s+Hg8YGo6FbZ3RHUOvwZUZCZzENxp3+MhmR3wxuJBhuLmzgl3LJMEu3bNT1
            nYvGRMf2kFMvvRT8+S5lUp9+8wCEVPaEiBXCSxId8+AenJwY65g6A/v/9FnmSuHes+itOb+Pmqz73pP/+2TIPB2r+jLmu78Z3Ep3WoHbPyJD
            NeK5Q4FVVr9eZ7f/8faGBZl+/9m54ieXUjkEh8DhC4qTpRfqiw1+JUUTMDunjFChd//Ist9sz7oqnLnQ4wwaQh6qN/7Mvuuk7TirntQ/G8Vy
            wszu//kw72zrengq0HUvtKrAHD/UafmMBw47y0/lFroTGHu37lf8SNDg+gtxck1QTtWOSAMwmi3/550em5F4owKWmTf//UmGf+JSKQt2RIN/
            AK3RaJp8HxIadOBk0xAMOLoat9RSP1Q+ZZv9doL17J3x3/FG/yN1zQ+E0ILIqBV6576B2sREelI9wS+vEvaHiYebkNmFtt7BzBKMSXfAo0Cn
            gQBkADEDAAIQEAAYDEHEq7+/gI5Av23kzeTmwFTyPADF8VMeCc9dibJIKF5SoP7N7mAfVY7hVWshFMIUuF8qKKhr7vla20StLIs32Di//m5+
            EZEIUJf6VpDAkeHw+kvMRhYTOE2oJvh7dX/rycBDvCHqkrswiF2s2J3J5gA8AdXQKreJoYKjM/PUMfKkDiphoRcOtXCXqD4dlCMlTVsRDSPS
            raE3QAAcU7trl7+EboyuhLuPs4EAt4r3gQHxggF78IEJ
            """
    )

    /// A web server's error page that was saved under a picture's name.
    static let page = SampleFile(
        name: "download.jpg",
        base64: """
            PCFET0NUWVBFIGh0bWw+CjxodG1sPjxoZWFkPjx0aXRsZT40MDQgTm90IEZvdW5kPC90aXRsZT48L2hlYWQ+PGJvZHk+VGhlIHBpY3R1cmUg
            aXMgbm90IGhlcmUuPC9ib2R5PjwvaHRtbD4K
            """
    )
}
