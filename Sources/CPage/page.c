// The page's files, as they are in the folder `page`. The compiler puts their bytes into the program, and notices when
// one changes.

#include "CPage.h"

// #embed is of C23, and an extension before.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char page_css[] = {
#embed "page/page.css"
};
static const unsigned char icon_svg[] = {
#embed "page/icon.svg"
};
static const unsigned char page_js[] = {
#embed "page/page.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char service_js[] = {
#embed "page/service.js"
};
static const unsigned char overview_js[] = {
#embed "page/overview.js"
};
static const unsigned char files_js[] = {
#embed "page/files.js"
};
static const unsigned char why_js[] = {
#embed "page/why.js"
};
static const unsigned char drops_js[] = {
#embed "page/drops.js"
};

static const struct cpage_file files[] = {
    {"index.html", index_html, sizeof index_html},
    {"page.css", page_css, sizeof page_css},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"page.js", page_js, sizeof page_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"service.js", service_js, sizeof service_js},
    {"overview.js", overview_js, sizeof overview_js},
    {"files.js", files_js, sizeof files_js},
    {"why.js", why_js, sizeof why_js},
    {"drops.js", drops_js, sizeof drops_js},
};

int cpage_count(void) {
    return (int)(sizeof files / sizeof files[0]);
}

struct cpage_file cpage_file(int number) {
    return files[number];
}
