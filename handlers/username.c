#include "username.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uset.h>
#include <unicode/uspoof.h>
#include <utf8proc.h>

#include "log.h"

#define SKELETON_MAX 16384 /* no Latin name has a longer one */

static struct {
	USpoofChecker *checker;
	const USet *recommended; /* characters for identifiers (UTS #39, 3.1) */
} spoof;

static void
open_spoof(void)
{
	UErrorCode status = U_ZERO_ERROR;

	if (spoof.checker != NULL)
		return;
	spoof.checker = uspoof_open(&status);
	uspoof_setRestrictionLevel(spoof.checker, USPOOF_HIGHLY_RESTRICTIVE);
	uspoof_setChecks(spoof.checker, USPOOF_RESTRICTION_LEVEL | USPOOF_MIXED_NUMBERS | USPOOF_INVISIBLE, &status);
	spoof.recommended = uspoof_getRecommendedSet(&status);
	if (U_FAILURE(status))
		log_fatal("ICU's tables cannot be opened", LOG_TEXT("reason", u_errorName(status)));
}

static bool
is_ascii(const char *text)
{
	while ((unsigned char)*text - 1u < 0x7F)
		text++;
	return *text == '\0';
}

/* Takes the next code point. */
static UChar32
next_point(const char **text)
{
	utf8proc_int32_t point;

	*text += utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &point);
	return point;
}

static bool
is_invisible(UChar32 point)
{
	switch (u_charType(point)) {
	case U_UNASSIGNED:
	case U_FORMAT_CHAR:
	case U_PRIVATE_USE_CHAR:
	case U_SURROGATE:
	case U_SPACE_SEPARATOR:
	case U_LINE_SEPARATOR:
	case U_PARAGRAPH_SEPARATOR:
		return point != ' ';
	default:
		return u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
		       point == 0x2800; /* the cell of Braille without dots */
	}
}

static bool
has_invisible(const char *name)
{
	if (strstr(name, "  ") != NULL) /* a browser shows one */
		return true;
	while (*name != '\0') {
		if (is_invisible(next_point(&name)))
			return true;
	}
	return false;
}

static bool
is_of_latin_alphabets(const char *name)
{
	UErrorCode status = U_ZERO_ERROR;

	while (*name != '\0') {
		UChar32 point = next_point(&name);

		if (point >= 0x80 &&
		    (uscript_getScript(point, &status) != USCRIPT_LATIN || !uset_contains(spoof.recommended, point)))
			return false;
	}
	return true;
}

/* Without wide, bold or circled forms of letters, which have no skeletons of their own. */
static bool
has_ascii_skeleton(const char *name)
{
	utf8proc_uint8_t *plain = utf8proc_NFKC((const utf8proc_uint8_t *)name);
	char skeleton[SKELETON_MAX];
	UErrorCode status = U_ZERO_ERROR;

	if (plain == NULL)
		log_fatal("out of memory");
	uspoof_getSkeletonUTF8(spoof.checker, 0, (const char *)plain, -1, skeleton, sizeof skeleton, &status);
	free(plain);
	return status == U_ZERO_ERROR && is_ascii(skeleton);
}

const char *
username_fault(const char *name)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t found;

	if (has_invisible(name))
		return "has characters that cannot be seen";
	if (is_ascii(name))
		return NULL;
	open_spoof();
	found = uspoof_check2UTF8(spoof.checker, name, -1, NULL, &status);
	if (found & USPOOF_INVISIBLE)
		return "has characters that cannot be seen";
	if (found & (USPOOF_RESTRICTION_LEVEL | USPOOF_MIXED_NUMBERS))
		return "mixes letters of different scripts";
	if (has_ascii_skeleton(name) && !is_of_latin_alphabets(name))
		return "looks like a name in other letters";
	return NULL;
}
