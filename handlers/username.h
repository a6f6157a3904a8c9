/* Usernames that people can tell apart, in any script. By Unicode Technical Standard #39 (Unicode Security Mechanisms), with ICU's
 * uspoof.h, which has its tables.
 */
#ifndef QUIRE_USERNAME_H
#define QUIRE_USERNAME_H

/* What is wrong with a name of valid UTF-8 in normalization form C without control characters; NULL if nothing is.
 *
 * "has characters that cannot be seen": format characters, all that has no shape of its own, any space but single ones of ASCII, the
 * same mark twice on a letter, code points that mean nothing yet.
 * "mixes letters of different scripts": above the level Highly Restrictive (5.2), which has one script, or Latin with those that
 * Japanese, Chinese or Korean is written in; or digits of several scripts (5.3).
 * "looks like a name in other letters": it is not ASCII, but its skeleton (4) is, as that of "раура" in Cyrillic. Letters of Latin
 * alphabets, as those of "Kjær" and "Aydın", are not taken for that.
 *
 * The first name that is not ASCII costs half a millisecond, in which ICU opens its tables. */
const char *username_fault(const char *name);

#endif
