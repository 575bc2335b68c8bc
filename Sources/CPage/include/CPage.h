#ifndef CPAGE_H
#define CPAGE_H

/// A file of the page, in the program's own memory for as long as it runs.
struct cpage_file {
    const char *name;
    const unsigned char *bytes;
    unsigned long count;
};

/// How many files the page has.
int cpage_count(void);

/// One of them, by a number from 0 on.
struct cpage_file cpage_file(int number);

#endif
