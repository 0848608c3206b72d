"""Codecs: which containers are opened at all, and which codecs in them. Rare ones are where decoders break."""

from typing import Final

FORMATS: Final = (
    "mov,mp4,matroska,webm,avi,mxf,asf,flv,dv,dirac,mpegts,wav,w64,aiff,mp3,flac,ogg,aac,dpx_pipe,tiff_pipe"
)
"""The containers that are opened. None of them can name another file, let alone a network address."""

_NAMES: Final = """
    h264 hevc vvc av1 vp8 vp9 prores dnxhd cfhd mpeg1video mpeg2video mpeg4 mjpeg ffv1 huffyuv ffvhuff utvideo
    hap qtrle rawvideo v210 v410 r210 png theora gif webp dpx tiff jpeg2000
    dvvideo dirac flv1 h263 msmpeg4v2 msmpeg4v3 wmv1 wmv2 wmv3 vc1
    aac aac_latm mp2 mp3 flac alac opus vorbis ac3 eac3 adpcm_ms adpcm_ima_wav adpcm_swf wmav1 wmav2 wmapro
"""
CODECS: Final = frozenset(_NAMES.split())
"""The codecs that are opened, `pcm_*` beside them."""

CLAIMING: Final = frozenset({"mov", "matroska", "avi", "wav", "w64", "aiff", "flac", "mxf", "asf", "flv"})
"""The containers whose header says how long they are; the others only let it be guessed."""

COUNTING: Final = frozenset({"mp3", "aac"})
"""The containers of which only the packets tell how long they are."""

EXACT: Final = frozenset({"flac"})
"""The containers whose header counts the samples of the one sound that they have."""
