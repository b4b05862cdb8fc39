from django.urls import path

from points.records.views import certificates, notice, objections

app_name = "records"
urlpatterns = [
    path("notice/", notice.notice, name="notice"),
    path("notice/<slug:number>/object/", objections.object_to, name="object"),
    path("check/", certificates.check, name="check"),
    path("check/<slug:number>/", certificates.check, name="check_number"),
    path("me/records/<slug:number>/", objections.record, name="record"),
    path("me/objections/", objections.mine, name="objections"),
    path("me/objections/<int:pk>/withdraw/", objections.withdraw, name="withdraw"),
    path("me/certificates/", certificates.mine, name="certificates"),
    path("me/certificates/<int:unit>/make/", certificates.issue, name="issue"),
    path("me/certificates/<slug:number>/", certificates.certificate, name="certificate"),
    path("me/certificates/<slug:number>/print/", certificates.pdf, name="certificate_pdf"),
]
